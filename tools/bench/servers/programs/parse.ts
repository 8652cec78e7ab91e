import { created, serveJson } from './answer';

/** Answers each POST once its JSON is parsed, and stores nothing. */
serveJson(Number(process.argv[2]), (_body, _req, res) => created(res, '{}'));
