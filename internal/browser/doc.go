// Package browser holds the tests that read the pages as people do: the program itself is
// built and started, and a Chromium opens every page that a reader can reach from the first,
// in each language, narrow and wide, with and without JavaScript, with the keyboard alone.
//
// It has no code outside its tests. Every check it makes of a page is itself tested, on a
// page made to fail it (faults_test.go): a browser test that cannot fail says nothing.
package browser
