// Everything works without this: it only adds the keyboard and focus behaviour of the components.
import { initAll } from "./vendor/govuk-frontend.min.js";

initAll();
