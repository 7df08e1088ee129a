// Package web is the face of a mission: its pages, their words in every language, and what a
// browser loads with them.
//
// A page is a named struct, in this package, and a template of the same name. The server
// fills the struct from the fold and calls Render; it writes no sentence and no mark-up of
// its own. The structs hold plain values: what was said, by whom, when, on what basis. They
// know nothing of records, keys or logs.
//
// Every word a reader reads comes from the catalogue of their language (locale/*.json), or
// from a record, in which case it stands as its author wrote it. Every figure prints with its
// unit, who gave it, by what method, up to when, and its permanent address; there is no way
// to print a bare one. Every time prints with its zone.
//
// Pages work without script, and carry no inline script or style, so that they stand under
// the policy default-src 'self'; script-src 'self'; style-src 'self'.
package web

import "embed"

//go:embed static all:lib phone templates locale
var files embed.FS
