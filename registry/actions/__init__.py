"""Verbs: what people do. One public function is one verb and one transaction."""
