package web

// Templates returns the text of every template, for tests that read them.
func Templates() []string {
	entries, err := files.ReadDir("templates")
	if err != nil {
		panic(err)
	}
	var out []string
	for _, e := range entries {
		b, err := files.ReadFile("templates/" + e.Name())
		if err != nil {
			panic(err)
		}
		out = append(out, string(b))
	}
	return out
}
