"""How a message leaves: what it says, its words in the reader's language, and the way out. Reads no clock."""
