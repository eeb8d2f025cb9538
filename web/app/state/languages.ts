// The languages of pages and mails: as many as there are files in templates/text, named in themselves.
import type { Account } from "../api";

declare const MADE_LANGUAGES: readonly (readonly [Account["language"], string])[];
export const LANGUAGES = MADE_LANGUAGES;
