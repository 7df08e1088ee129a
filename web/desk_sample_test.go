package web_test

import (
	"strings"

	"corridor.example/corridor/web"
)

func (s sampler) signing() web.Signing {
	return web.Signing{Mission: strings.Repeat("4f", 32), Origin: "corridor.invalid/9f86", Exercise: true, By: "party-a"}
}

func (s sampler) deskFrame() web.Frame {
	f := s.frame("/desk")
	return f
}

func (s sampler) desk() web.Desk {
	answers := []web.Line{{Name: web.Word(s.lang, "kind", "consent"), Link: "/desk/consent?re=" + strings.Repeat("ab", 32)}, {Name: web.Word(s.lang, "kind", "objection"), Link: "/desk/objection?re=" + strings.Repeat("ab", 32)}}
	asked := web.Nomination{
		Label: s.tr("Observer at the crossing", "مراقب عند المعبر"), Gist: s.tr("Ramouseh", "الراموسة"), By: s.tr("Mission office", "مكتب البعثة"), When: s.day(14), Due: s.day(16),
		Silence: web.Word(s.lang, "consent-silence", "refuses"), Record: strings.Repeat("ab", 32), Device: strings.Repeat("cd", 32), Acts: answers,
	}
	late, answered := asked, asked
	late.Record, late.Past = strings.Repeat("ac", 32), true
	answered.Record, answered.Answer = strings.Repeat("ad", 32), []web.Act{
		{By: s.tr("Party A", "الطرف أ"), State: "consented", When: s.day(15), On: s.tr("Mission office", "مكتب البعثة"), Record: strings.Repeat("ae", 32)},
		{By: s.tr("Party A", "الطرف أ"), State: "ratified", When: s.day(16), Record: strings.Repeat("af", 32)},
	}
	return web.Desk{
		Frame: s.deskFrame(), Name: s.tr("Party A", "الطرف أ"), Roles: web.Word(s.lang, "role", "party"), Own: true, Signing: s.signing(),
		Open: []web.Nomination{asked, late}, Answered: []web.Nomination{answered},
		Recorded: []web.RecordedAct{{Act: answered.Answer[0], Text: s.tr("Consent, entry 12", "موافقة، المدخل 12"), Acts: answers[:1]}},
		Texts:    []web.AccessionTo{{Title: s.tr("Mandate, entry 0", "الولاية، المدخل 0"), When: s.day(13), Record: strings.Repeat("4f", 32), Acts: answers[:1]}},
		Answer:   []web.Answerable{{Text: s.tr("Incident, entry 40: shots", "حادثة، المدخل 40: إطلاق نار"), By: s.tr("Mission office", "مكتب البعثة"), When: s.day(18), Record: strings.Repeat("aa", 32), Link: "/incidents/" + strings.Repeat("aa", 32), Acts: answers}},
		Signed:   []web.Line{{Name: s.tr("Accession, entry 2", "انضمام، المدخل 2"), Text: s.tr("13 Dec", "13 كانون الأول"), Link: "/records/" + strings.Repeat("bb", 32)}},
		May:      []web.Line{{Name: web.Word(s.lang, "kind", "statement"), Link: "/desk/statement"}},
		Reads:    []web.Line{{Name: s.tr("Duty officer", "ضابط المناوبة"), Text: s.tr("narrative of incident, entry 40", "سرد الحادثة، المدخل 40"), Link: "/records/" + strings.Repeat("bb", 32)}},
		Signers:  []web.Signer{{Name: "A", Last: s.day(18), Size: 40}, {Name: "B"}},
		Phoned:   true,
		Phones: []web.WaitingPhone{
			{Words: "falcon mint chalk", Key: strings.Repeat("cd", 32), When: s.day(17), Draft: "/desk/nomination?facts.key.use=device"},
			{Words: "amber sofa tulip", Key: strings.Repeat("ce", 32), When: s.day(16), Of: s.tr("Observer at the crossing", "مراقب عند المعبر"), Pressed: []web.Line{{Name: s.tr("Coverage, entry 51", "تغطية، المدخل 51"), Link: "/records/" + strings.Repeat("bc", 32)}}},
		},
	}
}

func (s sampler) compose() web.Compose {
	about := s.desk().Answer[0]
	return web.Compose{
		Frame: s.deskFrame(), Kind: "reply", Action: "/desk/reply", By: s.tr("Party A", "الطرف أ"), ByID: "party-a", Re: strings.Repeat("aa", 32), About: &about, Ended: true,
		Wrong: []web.Wrong{{ID: "f-facts-received", Text: web.Text(s.lang, "desk.wrong.moment")}, {Text: "reply.received"}},
		Fields: []web.Field{
			{Name: "facts", ID: "f-facts", Label: web.Word(s.lang, "part", "facts"), Input: "group", Must: true, Fields: []web.Field{
				{Name: "facts.basis", ID: "f-facts-basis", Label: web.Word(s.lang, "field", "basis"), Input: "choice", Must: true, Options: []web.Option{{Value: "document", Name: web.Word(s.lang, "basis", "document"), Taken: true}}},
				{Name: "facts.received", ID: "f-facts-received", Label: web.Word(s.lang, "field", "received"), Input: "moment", Must: true, Value: "yesterday", Hint: web.Text(s.lang, "desk.date"), Wrong: web.Text(s.lang, "desk.wrong.moment")},
				{Name: "facts.n", ID: "f-facts-n", Label: web.Word(s.lang, "field", "n"), Input: "number"},
				{Name: "facts.clauses", ID: "f-facts-clauses", Label: web.Word(s.lang, "field", "clauses"), Input: "lines", Hint: web.Text(s.lang, "desk.one_a_line")},
				{Name: "facts.to", ID: "f-facts-to", Label: web.Word(s.lang, "field", "to"), Input: "checks", Options: []web.Option{{Value: "a", Name: "A", Taken: true}, {Value: "b", Name: "B"}}},
			}},
			{Name: "narrative", ID: "f-narrative", Label: web.Word(s.lang, "part", "narrative"), Input: "group", Fields: []web.Field{
				{Name: "narrative.text", ID: "f-narrative-text", Label: web.Word(s.lang, "field", "text"), Input: "area", Value: s.tr("We were not there.", "لم نكن هناك.")},
				{Name: "narrative.sources", ID: "f-narrative-sources", Label: web.Word(s.lang, "field", "sources"), Input: "many", Count: 1, Fields: []web.Field{
					{Name: "narrative.sources.0", ID: "f-narrative-sources-0", Label: web.Text(s.lang, "desk.item", "n", 1), Input: "group", Fields: []web.Field{
						{Name: "narrative.sources.0.title", ID: "f-narrative-sources-0-title", Label: web.Word(s.lang, "field", "title"), Input: "text"},
					}},
				}},
			}},
		},
	}
}

func (s sampler) drafted() web.Drafted {
	about := s.desk().Answer[0]
	return web.Drafted{
		Frame: s.deskFrame(), Kind: "reply", By: s.tr("Party A", "الطرف أ"), Own: true, Ended: true, About: &about, Signing: s.signing(), Form: "/desk/reply",
		Sheet: "corridor-draft/v1\nmission " + strings.Repeat("4f", 32) + "\n", File: "reply-00000000.draft", Words: "apple arch", Card: "walnut willow",
		Lines: []web.Line{{Name: web.Word(s.lang, "field", "basis"), Text: web.Word(s.lang, "basis", "document")}},
		Back:  []web.Line{{Name: "facts.basis", Text: "document"}},
	}
}
