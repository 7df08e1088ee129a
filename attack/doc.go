// Package attack is nothing but tests: a mission with its server, the witnesses of two parties,
// an observer's phone and a public reader, and whoever runs the server lies, with the log's key
// in hand. Every lie of doc/threat-model.md that can be shown ends with the right party alarmed
// and a proof that a third machine accepts; the same mission with an honest server raises nothing.
package attack
