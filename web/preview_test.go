package web_test

import (
	"bytes"
	"flag"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"corridor.example/corridor/internal/draw"
	"corridor.example/corridor/web"
)

var preview = flag.String("preview", "", "write every page with sample data, and the assets, into this directory")

// TestPreview writes the pages to be looked at. Without -preview it only makes them, which
// is worth testing by itself; the other tests look at what they say.
func TestPreview(t *testing.T) {
	for _, l := range web.Languages() {
		pages := samples(t, l.Code)
		caught := pages["home"].(web.Home) // how the first screen looks when the log does not hold
		caught.Banner, caught.Past = "exercise", &web.Past{At: 120, Newest: "/"}
		caught.Seal.State, caught.Seal.Entry, caught.Seal.Reason = "fails", 93, "leaf 93 is not the one that was cosigned"
		caught.Seal.Signers[1].Now, caught.Seal.Alone = false, true
		pages["home-caught"] = caught
		pages["home-empty"] = web.Home{Frame: web.Frame{Path: "/", Mission: caught.Mission}}
		for name, data := range pages {
			var b bytes.Buffer
			page, _, _ := strings.Cut(name, "-")
			if err := web.Render(&b, l.Code, page, data); err != nil {
				t.Errorf("%s in %s: %v", name, l.Code, err)
				continue
			}
			if *preview == "" {
				continue
			}
			html := strings.ReplaceAll(b.String(), `="/a/`, `="a/`)
			file := filepath.Join(*preview, name+"."+l.Code+".html")
			if err := os.WriteFile(file, []byte(html), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if *preview == "" {
		return
	}
	dir := filepath.Join(*preview, "a", web.TreeHash())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, a := range web.Assets() {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, a.Path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, a.Path), a.Bytes, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// drawing shows how a server makes a web.Drawing from one of package draw.
func drawing(d interface {
	SVG() string
	Table() draw.Table
}, note string) web.Drawing {
	table := d.Table()
	out := web.Drawing{SVG: template.HTML(d.SVG()), Note: note, Head: table.Head}
	for _, r := range table.Rows {
		out.Rows = append(out.Rows, web.DrawingRow{Cells: r.Cells, Link: r.Link})
	}
	return out
}

// A sampler makes the pages of a mission like that of December 2016, from figures that
// public sources gave.
type sampler struct {
	lang  string
	zones []*time.Location
}

func (s sampler) tr(en, ar string) string {
	if s.lang == "ar" {
		return ar
	}
	return en
}

func (s sampler) rtl() bool { return s.lang == "ar" }

func (s sampler) time(day, hour, minute int) time.Time {
	return time.Date(2016, 12, day, hour, minute, 0, 0, s.zones[0])
}

func (s sampler) at(day, hour, minute int) web.Moment {
	return web.Moment{From: s.time(day, hour, minute), Zones: s.zones}
}

func (s sampler) day(day int) web.Moment {
	return web.Moment{From: s.time(day, 12, 0), Precision: "day", Zones: s.zones}
}

func (s sampler) span(d1, h1, d2, h2 int) web.Moment {
	return web.Moment{From: s.time(d1, h1, 0), To: s.time(d2, h2, 0), Zones: s.zones}
}

func hash(n int) string {
	const hex = "0123456789abcdef"
	b := make([]byte, 64)
	x := uint32(n)*2654435761 + 97
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = hex[x>>28]
	}
	return string(b)
}

func samples(t *testing.T, lang string) map[string]any {
	t.Helper()
	s := sampler{lang: lang}
	for _, z := range []string{"Asia/Damascus", "Europe/Istanbul", "Europe/Moscow", "Asia/Tehran", "America/New_York"} {
		l, err := time.LoadLocation(z)
		if err != nil {
			t.Fatal(err)
		}
		s.zones = append(s.zones, l)
	}
	s.zones = append(s.zones, time.UTC)
	return map[string]any{
		"home":      s.home(),
		"board":     s.board(),
		"convoys":   s.convoys(),
		"convoy":    s.convoy(),
		"observers": s.observers(),
		"incidents": s.incidents(),
		"incident":  s.incident(),
		"said":      s.said(),
		"statement": s.statement(),
		"reports":   s.reports(),
		"report":    s.report(),
		"log":       s.log(),
		"record":    s.record(),
		"cheat":     s.cheat(),
		"mission":   s.mission(),
		"desk":      s.desk(),
		"compose":   s.compose(),
		"drafted":   s.drafted(),
		"join":      web.Join{Frame: s.frame("/join")},
		"login":     web.Login{Frame: s.frame("/login"), Ended: true},
		"trust": web.Trust{
			Frame: s.frame("/trust/ios"), Platform: "ios", Fingerprint: "AB:CD:EF:01", Words: "amber anchor apple apron", Names: []string{"gate.mission.internal", "192.168.4.1"},
			Until: s.at(1, 8, 0), Address: "http://gate.mission.internal/trust", Secure: "https://gate.mission.internal", Code: "M0 0h1v1h-1z", Size: 21,
		},
		"prove":    web.Prove{Frame: s.frame("/board"), Again: true},
		"sessions": s.sessions(),
		"problem":  web.Problem{Frame: s.frame("/convoys/A-09"), Status: 403, Code: "not_released", Rule: "disclosure.open_convoy"},
	}
}

func (s sampler) frame(path string) web.Frame {
	return web.Frame{
		Path:     path,
		Mission:  s.tr("East Aleppo, Foua and Kefraya, December 2016", "شرق حلب والفوعة وكفريا، كانون الأول/ديسمبر 2016"),
		Banner:   "reconstruction",
		Records:  214,
		Disputed: 31,
		AsOf:     web.Moment{From: time.Date(2017, 1, 31, 12, 0, 0, 0, s.zones[0]), Zones: s.zones},
		Seal: web.Seal{
			State: "holds", Since: s.day(13), Size: 214,
			Checked: web.Moment{From: time.Date(2017, 1, 31, 12, 4, 0, 0, s.zones[0]), Zones: s.zones},
			Signers: []web.Signer{
				{Name: "exercise-witness-1", Last: web.Moment{From: time.Date(2017, 1, 31, 12, 0, 30, 0, s.zones[0]), Zones: s.zones}, Size: 214, Now: true, Key: "exercise-witness-1+6e2f0a11+AVq3Zk…"},
				{Name: "exercise-witness-2", Last: web.Moment{From: time.Date(2017, 1, 31, 12, 0, 30, 0, s.zones[0]), Zones: s.zones}, Size: 214, Now: true, Key: "exercise-witness-2+11b0c7d4+AYt8Lm…"},
			},
		},
	}
}

func (s sampler) sessions() web.Sessions {
	x := web.OpenSession{Name: "5c1f00d2a9b34e77", Who: s.tr("Liaison of B", "ضابط ارتباط ب"), Level: "parties", How: "passkey", Agent: "Firefox Linux", Opened: s.day(14), Used: s.day(15), Until: s.day(21)}
	program, invited, key := x, x, x
	program.How, program.Program, program.Agent = "program", true, ""
	key.How = "key"
	invited.How, invited.By = "", "operator"
	f := s.frame("/sessions")
	f.Reader, f.Doors = &web.Reader{Name: x.Who, Level: "parties"}, true
	return web.Sessions{Frame: f, Here: x, Others: []web.OpenSession{program, key}, Passkeys: []web.OpenSession{x}, Invitations: []web.OpenSession{invited}, CanAdd: true, HasPasskey: true}
}

func (s sampler) text(v web.Value) string { return web.Print(s.lang, v) }

func (s sampler) balance() web.Balance {
	wish := s.tr("all who wish", "كل من يرغب")
	un := s.tr("UN, through WHO Europe", "الأمم المتحدة، عن طريق منظمة الصحة العالمية")
	ocha := s.tr("OCHA", "مكتب تنسيق الشؤون الإنسانية")
	word := func(k string) string { return web.Word(s.lang, "measure", k) }
	reading := func(n int) string { return web.Text(s.lang, "balance.reading", "number", n) }
	aleppo := s.tr("Out of east Aleppo", "الخروج من شرق حلب")
	villages := s.tr("Out of Foua and Kefraya", "الخروج من الفوعة وكفريا")
	bar := func(label string, style draw.Style, start, n int, note string) draw.Bar {
		return draw.Bar{Label: label, Style: style, Start: start, Low: n, High: n, Text: s.text(web.Value{Low: n - start}), Note: note, Link: "/records/" + hash(n)}
	}
	d := draw.Balance{
		Frame: draw.Frame{ID: "balance", RTL: s.rtl(),
			Title: web.Text(s.lang, "home.balance"),
			Desc:  s.tr("Out of east Aleppo 36,086 left and 30,487 were traced, 5,599 are open. Out of Foua and Kefraya 1,312 left; 2,500 or 4,000 were agreed.", "غادر شرق حلب 36,086 وجرى تتبّع 30,487، والفرق المفتوح 5,599. وغادر الفوعة وكفريا 1,312؛ واتُّفق على 2,500 أو 4,000.")},
		Head: []string{s.tr("Leg", "الاتجاه"), s.tr("Line", "البند"), s.tr("Figure", "الرقم"), s.tr("Who", "المصدر")},
		Legs: []draw.Leg{
			{Name: aleppo, Bars: []draw.Bar{
				{Label: reading(1), Style: draw.Agreed, Boundless: true, Text: wish, Note: s.tr("terms of 18 Dec", "شروط 18/12"), Link: "/records/" + hash(1)},
				bar(word("left"), draw.Left, 0, 36086, un),
				bar(word("traced"), draw.Arrived, 0, 30487, ocha),
				bar(word("open"), draw.Open, 30487, 36086, s.tr("left less traced", "المغادرون ناقص من جرى تتبّعهم")),
			}},
			{Name: villages, Bars: []draw.Bar{
				bar(reading(1), draw.Agreed, 0, 2500, s.tr("terms of 18 Dec, first part", "شروط 18/12، الجزء الأول")),
				bar(reading(2), draw.Agreed, 0, 4000, s.tr("with the second part", "مع الجزء الثاني")),
				{Label: reading(3), NoFigure: true, Text: s.tr("not part of it", "ليست جزءًا منه"), Note: s.tr("Ahrar al-Sham, 14 Dec", "أحرار الشام، 14/12"), Link: "/records/" + hash(3)},
				bar(word("left"), draw.Left, 0, 1312, ocha),
				{Label: word("arrived"), NoFigure: true, Text: web.Text(s.lang, "value.none"), Note: ""},
			}},
		},
	}
	return web.Balance{
		Drawing: drawing(d, ""),
		Legs: []web.Leg{
			{Name: aleppo,
				Readings: []web.Reading{{Number: 1, Figure: web.Figure{Value: web.Value{Kind: "words", Words: wish}, By: s.tr("al-Farouk Abu Bakr, through Reuters", "الفاروق أبو بكر، عن طريق رويترز"), Basis: "reported", Published: s.day(18), Record: hash(1)}}},
				Lines: []web.LegLine{
					{Kind: "left", Figure: web.Figure{Value: web.Value{Low: 36086, Unit: "people"}, Tail: s.tr("left east Aleppo", "غادروا شرق حلب"), By: s.tr("UN", "الأمم المتحدة"), Through: s.tr("WHO Europe", "منظمة الصحة العالمية/أوروبا"), Basis: "reported", Published: web.Moment{From: time.Date(2017, 1, 12, 0, 0, 0, 0, s.zones[0]), Precision: "month", Zones: s.zones}, Record: hash(36086)}},
					{Kind: "traced", Figure: web.Figure{Value: web.Value{Low: 30487, Unit: "people"}, Tail: s.tr("traced at 154 places", "جرى تتبّعهم في 154 مكانًا"), By: ocha, Basis: "reported", Method: "traced", CutOff: s.day(29), Record: hash(30487)}},
					{Kind: "open", Figure: web.Figure{Value: web.Value{Low: 5599, Unit: "people"}, Tail: s.tr("left less traced; nobody reconciled them", "المغادرون ناقص من جرى تتبّعهم؛ ولم يوفّق أحد بينهما"), By: s.tr("computed from two figures", "محسوب من رقمين"), Rests: 2, Link: "/convoys"}},
				}},
			{Name: villages,
				Readings: []web.Reading{
					{Number: 1, Text: s.tr("two batches against two from Aleppo", "دفعتان مقابل دفعتين من حلب"), Figure: web.Figure{Value: web.Value{Low: 2500, Unit: "people"}, By: s.tr("Reuters, 18 Dec", "رويترز، 18/12"), Basis: "reported", Published: s.day(18), Record: hash(2500)}},
					{Number: 2, Text: s.tr("and 1,500 more against 1,500 from Madaya and Zabadani", "و1,500 إضافيون مقابل 1,500 من مضايا والزبداني"), Figure: web.Figure{Value: web.Value{Low: 4000, Unit: "people"}, By: s.tr("SOHR", "المرصد السوري لحقوق الإنسان"), Basis: "reported", Published: s.day(17), Record: hash(4000)}},
				},
				Lines: []web.LegLine{{Kind: "left", Figure: web.Figure{Value: web.Value{Low: 1312, Unit: "people"}, Tail: s.tr("left Foua and Kefraya", "غادروا الفوعة وكفريا"), By: ocha, Basis: "reported", CutOff: s.day(23), Record: hash(1312)}}},
			},
		},
		Differences: []web.Difference{{
			Name: s.tr("Last convoy, 22 Dec", "آخر قافلة، 22/12"), Link: "/convoys/A-31",
			Open:    web.Value{Low: 1, Unit: "bus"},
			Left:    web.Figure{Value: web.Value{Low: 4, Unit: "bus"}, Tail: s.tr("left Ramouseh", "غادرت الراموسة"), By: ocha, Basis: "reported", CutOff: s.at(22, 20, 25), Record: hash(4)},
			Arrived: web.Figure{Value: web.Value{Low: 3, Unit: "bus"}, Tail: s.tr("arrived", "وصلت"), By: s.tr("UOSSM, receiving side", "اتحاد منظمات الرعاية والإغاثة، جهة الاستقبال"), Basis: "reported", CutOff: s.at(22, 22, 0), Record: hash(33)},
		}},
		Next: []web.Quote{{Text: s.tr("The second batch from Foua and Kefraya, then 1,500 against 1,500 from Madaya and Zabadani.", "الدفعة الثانية من الفوعة وكفريا، ثم 1,500 مقابل 1,500 من مضايا والزبداني."), Voice: "paraphrased", By: s.tr("terms of 18 Dec, through Reuters", "شروط 18/12، عن طريق رويترز"), Hash: hash(18)}},
	}
}

func (s sampler) holds() []web.Hold {
	return []web.Hold{
		{When: s.span(16, 7, 18, 23), Link: "/records/" + hash(16), Reasons: []web.Reason{
			{By: s.tr("ICRC, SARC, WHO", "اللجنة الدولية، الهلال الأحمر، منظمة الصحة العالمية"), None: true, Text: "", Record: hash(161)},
			{By: s.tr("State television", "التلفزيون الرسمي"), Text: s.tr("Armed groups fired and tried to take out captives and heavy weapons.", "أطلقت مجموعات مسلحة النار وحاولت إخراج أسرى وأسلحة ثقيلة."), Record: hash(162)},
			{By: s.tr("Hezbollah media", "إعلام حزب الله"), Code: "other-side-not-fulfilled", Record: hash(163)},
			{By: s.tr("Hezbollah media", "إعلام حزب الله"), Code: "protest", Text: s.tr("Protesters blocked the road.", "قطع محتجون الطريق."), Record: hash(163)},
			{By: s.tr("White Helmets", "الخوذ البيضاء"), Text: s.tr("A convoy was stopped by force and four people were killed.", "أُوقفت قافلة بالقوة وقُتل أربعة أشخاص."), Record: hash(164)},
			{By: s.tr("Russian Ministry of Defence", "وزارة الدفاع الروسية"), Text: s.tr("The operation is complete.", "العملية اكتملت."), Record: hash(165)},
		}},
		{When: web.Moment{From: s.time(20, 14, 0), To: s.time(21, 16, 0), Zones: s.zones}, Link: "/records/" + hash(20)},
	}
}

func (s sampler) totals() web.Totals {
	icrc, unhcr, sohr := s.tr("ICRC", "اللجنة الدولية للصليب الأحمر"), s.tr("UNHCR, cluster", "مفوضية اللاجئين، المجموعة القطاعية"), s.tr("SOHR", "المرصد السوري")
	p := func(day, hour, n int, about bool, note string) draw.Point {
		v := web.Value{Low: n}
		if about {
			v.Kind = "about"
		}
		return draw.Point{At: s.time(day, hour, 0), Low: n, High: n, About: about, Text: s.text(v), When: web.When(s.lang, s.day(day)), Note: note, Link: "/records/" + hash(n)}
	}
	var days []draw.Tick
	for d := 15; d <= 23; d++ {
		days = append(days, draw.Tick{At: s.time(d, 12, 0), Label: fmt.Sprint(d)})
	}
	var levels []draw.Level
	for _, n := range []int{0, 10000, 20000, 30000} {
		levels = append(levels, draw.Level{Value: n, Label: s.text(web.Value{Low: n})})
	}
	d := draw.Totals{
		Frame: draw.Frame{ID: "totals", RTL: s.rtl(), Title: web.Text(s.lang, "home.totals", "n", 4),
			Desc: s.tr("Cumulative totals by source from 15 to 23 December.", "المجاميع التراكمية بحسب المصدر من 15 إلى 23 كانون الأول/ديسمبر.")},
		From: s.time(15, 0, 0), To: s.time(23, 18, 0), Days: days, Levels: levels,
		Head: []string{s.tr("Figure", "الرقم"), s.tr("Who", "المصدر"), s.tr("Cut-off", "الحد الزمني"), s.tr("Method", "الطريقة")},
		Series: []draw.Series{
			{Name: icrc, Points: []draw.Point{p(16, 8, 10000, true, ""), p(19, 20, 15000, true, ""), p(20, 16, 25000, false, ""), p(22, 12, 34000, false, ""), p(23, 10, 35000, true, "")}},
			{Name: unhcr, Points: []draw.Point{p(19, 18, 10300, false, s.tr("several sources compared", "مقارنة عدة مصادر"))}},
			{Name: sohr, Points: []draw.Point{p(19, 23, 13000, true, "")}},
			{Name: "SANA", Points: []draw.Point{p(16, 12, 8000, false, "")}},
			{Name: s.tr("TASS", "تاس"), Points: []draw.Point{p(16, 13, 9500, false, "")}},
		},
	}
	f := func(n int, about bool, by, through string, method string, cut web.Moment, published web.Moment) web.Figure {
		v := web.Value{Low: n, Unit: "people"}
		if about {
			v.Kind = "about"
		}
		return web.Figure{Value: v, By: by, Through: through, Basis: "reported", Method: method, CutOff: cut, Published: published, Record: hash(n)}
	}
	return web.Totals{
		Drawing: drawing(d, s.tr("December 2016, day by day. An open circle is a figure given as “about”; a dotted end means that the source gave no later one.", "كانون الأول/ديسمبر 2016، يومًا بيوم. الدائرة المفرّغة رقم ورد بلفظ «نحو»؛ والطرف المنقّط يعني أن المصدر لم يعطِ رقمًا لاحقًا.")),
		Count:   4, Within: web.Moment{From: s.time(19, 12, 0), To: s.time(20, 12, 0), Precision: "day", Zones: s.zones},
		Figures: []web.Figure{
			f(10300, false, s.tr("UNHCR, camp coordination cluster", "مفوضية اللاجئين، مجموعة تنسيق المخيمات"), "", "triangulated", web.Moment{From: s.time(16, 12, 0), To: s.time(19, 12, 0), Precision: "day", Zones: s.zones}, web.Moment{}),
			f(13000, true, s.tr("SOHR", "المرصد السوري لحقوق الإنسان"), s.tr("BBC", "بي بي سي"), "", web.Moment{}, s.day(20)),
			f(15000, true, icrc, "dpa", "", s.day(19), web.Moment{}),
			f(25000, false, icrc, "AFP", "", web.Moment{}, s.day(20)),
		},
	}
}

func (s sampler) burned() web.Incidence {
	return web.Incidence{
		Title: s.tr("Buses burned on the way to Foua and Kefraya", "إحراق حافلات في الطريق إلى الفوعة وكفريا"), Link: "/incidents/" + hash(180),
		When: s.day(18), Place: s.tr("road to Foua and Kefraya, Idlib", "الطريق إلى الفوعة وكفريا، إدلب"), Kind: "vehicle-burned", Basis: "reported", Covered: "not-present", Disputed: 3, Replies: 1,
		Versions: []web.Version{
			{By: s.tr("State media", "الإعلام الرسمي"), Value: web.Value{Low: 5, Unit: "bus"}, Blames: s.tr("“armed groups, among them Ahrar and Nusra”", "«مجموعات مسلحة، بينها الأحرار والنصرة»"), Basis: "reported", Record: hash(181)},
			{By: s.tr("SOHR", "المرصد السوري لحقوق الإنسان"), Value: web.Value{Low: 6, Kind: "at-least", Unit: "bus"}, Text: s.tr("and one driver killed", "وقُتل سائق واحد"), Basis: "reported", Record: hash(182)},
			{By: s.tr("another outlet", "منبر آخر"), Value: web.Value{Low: 6, Unit: "bus"}, Text: s.tr("of at least 20 attacked", "من أصل 20 على الأقل تعرّضت للهجوم"), Basis: "reported", Record: hash(183)},
			{By: s.tr("Opposition officials", "مسؤولون في المعارضة"), Blames: s.tr("“an angry crowd”", "«حشد غاضب»"), Basis: "reported", Record: hash(184)},
			{By: s.tr("Hezbollah media", "إعلام حزب الله"), Blames: s.tr("“Fatah al-Sham”", "«فتح الشام»"), Basis: "reported", Record: hash(185)},
		},
	}
}

func (s sampler) coverage() web.Coverage {
	ramouseh := s.tr("Ramouseh crossing", "معبر الراموسة")
	var days []draw.Tick
	for d := 15; d <= 22; d++ {
		days = append(days, draw.Tick{At: s.time(d, 12, 0), Label: fmt.Sprint(d)})
	}
	gone := func() draw.Stay {
		return draw.Stay{From: s.time(15, 0, 0), To: s.time(23, 0, 0), Presence: draw.Absent, Text: web.Text(s.lang, "coverage.absent"), When: web.When(s.lang, web.Moment{From: s.time(15, 12, 0), To: s.time(22, 12, 0), Precision: "day", Zones: s.zones})}
	}
	pin := func(day, hour int, mark, text string) draw.Pin {
		return draw.Pin{At: s.time(day, hour, 0), Mark: mark, Text: text, When: web.When(s.lang, s.day(day)), Link: "/incidents/" + hash(day*10)}
	}
	d := draw.Coverage{
		Frame: draw.Frame{ID: "coverage", RTL: s.rtl(), Title: web.Text(s.lang, "home.coverage"), Desc: s.tr("Observers stood at Ramouseh from 15 to 22 December, and nowhere else.", "وقف المراقبون في الراموسة من 15 إلى 22 كانون الأول/ديسمبر، ولم يكونوا في أي مكان آخر.")},
		From:  s.time(15, 0, 0), To: s.time(23, 0, 0), Days: days,
		Head: []string{s.tr("Place", "المكان"), s.tr("What", "ماذا"), s.tr("When", "متى")},
		Places: []draw.Post{
			{Place: ramouseh, Stays: []draw.Stay{
				{From: s.time(15, 8, 0), To: s.time(16, 8, 0), Presence: draw.Present, Text: web.Text(s.lang, "coverage.present"), When: web.When(s.lang, s.span(15, 8, 16, 8)), Link: "/records/" + hash(151)},
				{From: s.time(16, 8, 0), To: s.time(18, 20, 0), Presence: draw.Unknown, Text: web.Text(s.lang, "coverage.unknown"), When: web.When(s.lang, s.span(16, 8, 18, 20))},
				{From: s.time(18, 20, 0), To: s.time(22, 20, 25), Presence: draw.Present, Text: web.Text(s.lang, "coverage.present"), When: web.When(s.lang, s.span(18, 20, 22, 20)), Link: "/records/" + hash(152)},
			}, Pins: []draw.Pin{pin(15, 9, "1", s.tr("first vehicles reported shot at", "أنباء عن إطلاق نار على أولى المركبات")), pin(16, 9, "2", s.tr("convoy turned back", "إعادة قافلة"))}},
			{Place: s.tr("Rashidin", "الراشدين"), Stays: []draw.Stay{gone()}},
			{Place: s.tr("Road to Foua and Kefraya", "الطريق إلى الفوعة وكفريا"), Stays: []draw.Stay{gone()}, Pins: []draw.Pin{pin(18, 13, "3", s.tr("buses burned", "إحراق حافلات"))}},
			{Place: s.tr("Foua and Kefraya", "الفوعة وكفريا"), Stays: []draw.Stay{gone()}},
		},
	}
	return web.Coverage{
		Drawing: drawing(d, ""),
		Text:    s.tr("Observers stood at one place, the Ramouseh crossing, from 15 December to 20:25 on 22 December.", "وقف المراقبون في مكان واحد هو معبر الراموسة، من 15 كانون الأول/ديسمبر حتى الساعة 20:25 من يوم 22 منه."),
		Nowhere: []web.Line{{Name: s.tr("Rashidin", "الراشدين"), Text: s.tr("hand-over of every convoy", "تسليم كل القوافل")}, {Name: s.tr("Road to Foua and Kefraya", "الطريق إلى الفوعة وكفريا"), Text: s.tr("buses burned, 18 Dec", "إحراق حافلات، 18/12"), Link: "/incidents/" + hash(180)}, {Name: s.tr("Foua and Kefraya", "الفوعة وكفريا"), Text: s.tr("departures of 1,312 people", "مغادرة 1,312 شخصًا")}},
		Within:  2, Outside: 1,
	}
}

func (s sampler) clocks() []web.Clock {
	return []web.Clock{
		{Name: s.tr("Report to the Security Council on implementation", "تقرير إلى مجلس الأمن عن التنفيذ"), Under: s.tr("resolution 2328 (2016), five days after adoption; counted in New York", "القرار 2328 (2016)، خمسة أيام بعد اعتماده؛ بتوقيت نيويورك"), Due: web.Moment{From: time.Date(2016, 12, 24, 12, 0, 0, 0, s.zones[4]), Precision: "day", Zones: s.zones[4:]}, State: "late", Days: 38},
		{Name: s.tr("Daily report No. 8", "التقرير اليومي رقم 8"), Under: s.tr("mandate, daily with cut-off at 19:30", "التفويض، يوميًا بحد زمني عند 19:30"), Due: s.at(23, 9, 0), Met: s.at(23, 8, 40), State: "met", Link: "/reports/8"},
	}
}

func (s sampler) home() web.Home {
	return web.Home{Frame: s.frame("/"), Balance: s.balance(), Holds: s.holds(), Totals: s.totals(), Incidents: []web.Incidence{s.burned()}, Coverage: s.coverage(), Clocks: s.clocks()}
}

func (s sampler) flow() web.Drawing {
	band := func(name string, day, left, arrived int) draw.Band {
		b := draw.Band{Name: name, When: web.When(s.lang, s.day(day)), Left: left, Arrived: arrived, Link: "/convoys/" + name}
		b.LeftText, b.ArrivedText = web.Text(s.lang, "value.none"), web.Text(s.lang, "value.none")
		if left >= 0 {
			b.LeftText = s.text(web.Value{Low: left})
		}
		if arrived >= 0 {
			b.ArrivedText = s.text(web.Value{Low: arrived})
		}
		if left >= 0 && arrived >= 0 && left != arrived {
			b.OpenText = web.OpenText(s.lang, web.Number(left-arrived, "people"))
		}
		return b
	}
	return drawing(draw.Flow{
		Frame: draw.Frame{ID: "flow", RTL: s.rtl(), Title: web.Text(s.lang, "board.flow"), Desc: s.tr("A band for each convoy from departure to arrival.", "شريط لكل قافلة من المغادرة إلى الوصول.")},
		Ends:  [2]string{web.Word(s.lang, "measure", "left"), web.Word(s.lang, "measure", "arrived")},
		Head:  []string{s.tr("Convoy", "القافلة"), web.Word(s.lang, "measure", "left"), web.Word(s.lang, "measure", "arrived"), web.Word(s.lang, "measure", "open")},
		Convoys: []draw.Band{
			band("A-01", 15, 1000, -1), band("A-14", 18, 350, 350), band("A-15", 19, 3000, 2840), band("B-01", 19, 500, 600), band("B-02", 20, 400, -1), band("A-29", 21, 7000, -1), band("A-31", 22, -1, -1),
		},
	}, "")
}

func (s sampler) corridor() web.Drawing {
	return drawing(draw.Schematic{
		Frame: draw.Frame{ID: "corridor", RTL: s.rtl(), Title: web.Text(s.lang, "board.corridor"), Desc: s.tr("Two legs, place by place.", "اتجاهان، مكانًا بعد مكان.")},
		Head:  []string{s.tr("Leg", "الاتجاه"), s.tr("Place", "المكان"), s.tr("What is said of it", "ما يقال عنه")},
		Legs: []draw.Route{
			{Name: s.tr("Out of east Aleppo", "الخروج من شرق حلب"), Stops: []draw.Stop{
				{Place: s.tr("Amiriyah, Mashhad, Sukkari", "العامرية، المشهد، السكري"), Presence: draw.Absent},
				{Place: s.tr("Ramouseh crossing", "معبر الراموسة"), Presence: draw.Present, Notes: []string{s.tr("held by the Government, says OCHA", "تمسك به الحكومة، يقول مكتب الأوتشا"), s.tr("2 incidents", "حادثتان")}, Next: s.tr("time not stated", "لم يُذكر الوقت")},
				{Place: s.tr("Khan Tuman", "خان طومان"), Presence: draw.Absent},
				{Place: s.tr("Rashidin", "الراشدين"), Presence: draw.Absent, Notes: []string{s.tr("hand-over", "تسليم")}},
				{Place: s.tr("Idlib countryside", "ريف إدلب"), Presence: draw.Absent},
			}},
			{Name: s.tr("Out of Foua and Kefraya", "الخروج من الفوعة وكفريا"), Stops: []draw.Stop{
				{Place: s.tr("Foua and Kefraya", "الفوعة وكفريا"), Presence: draw.Absent},
				{Place: s.tr("Road through Idlib", "الطريق عبر إدلب"), Presence: draw.Absent, Notes: []string{s.tr("1 incident: buses burned", "حادثة واحدة: إحراق حافلات")}, Link: "/incidents/" + hash(180)},
				{Place: s.tr("Rashidin", "الراشدين"), Presence: draw.Absent},
				{Place: s.tr("Jibreen", "جبرين"), Presence: draw.Absent, Notes: []string{s.tr("collective shelter", "مأوى جماعي")}},
			}},
		},
	}, "")
}

func (s sampler) board() web.Board {
	b := web.Board{
		Frame: s.frame("/board"), Balance: s.balance(), Corridor: s.corridor(), Flow: s.flow(), Totals: s.totals(), Holds: s.holds(), Incidents: []web.Incidence{s.burned()}, Coverage: s.coverage(), Clocks: s.clocks(),
		Counts: []web.Count{{Kind: "convoys_open", N: 0}, {Kind: "holds_open", N: 0}, {Kind: "differences", N: 3, Grave: true, Link: "/convoys"}, {Kind: "incidents", N: 7, Link: "/incidents"}, {Kind: "disputes", N: 31}, {Kind: "late", N: 1, Grave: true, Link: "/reports"}},
		Slider: web.Slider{Size: 214, At: 214, When: s.at(24, 12, 0)},
	}
	for i, d := range []int{16, 18, 20, 24} {
		b.Slider.Marks = append(b.Slider.Marks, web.SliderMark{At: 40 + i*50, Label: web.When(s.lang, s.day(d)), Current: i == 3})
	}
	return b
}

func (s sampler) convoys() web.Convoys {
	people := func(n int) web.Value { return web.Value{Low: n, Unit: "people"} }
	none := web.Value{Kind: "none"}
	return web.Convoys{
		Frame: s.frame("/convoys"), Flow: s.flow(),
		Legs: []web.ConvoyLeg{
			{Name: s.tr("Out of east Aleppo", "الخروج من شرق حلب"), Convoys: []web.ConvoyLine{
				{Name: "A-01", Link: "/convoys/A-01", When: s.day(15), Left: web.Value{Low: 1000, Kind: "about", Unit: "people"}, Arrived: none, Open: none, State: "closed", Accounts: 3},
				{Name: "A-09", Link: "/convoys/A-09", When: s.day(16), Left: web.Value{Low: 750, High: 1000, Unit: "people"}, Arrived: people(0), Open: web.Value{Low: 750, High: 1000, Unit: "people"}, State: "returned", Accounts: 5, Disputed: 2},
				{Name: "A-14", Link: "/convoys/A-14", When: s.at(18, 23, 0), Left: web.Value{Low: 350, Kind: "about", Unit: "people"}, Arrived: none, Open: none, State: "closed", Accounts: 2},
				{Name: "A-31", Link: "/convoys/A-31", When: s.at(22, 20, 25), Left: web.Value{Low: 4, Unit: "bus"}, Arrived: web.Value{Low: 3, Unit: "bus"}, Open: web.Value{Low: 1, Unit: "bus"}, State: "closed", Accounts: 2},
			}},
			{Name: s.tr("Out of Foua and Kefraya", "الخروج من الفوعة وكفريا"), Convoys: []web.ConvoyLine{
				{Name: "B-01", Link: "/convoys/B-01", When: s.day(19), Left: web.Value{Low: 260, High: 600, Unit: "people"}, Arrived: none, Open: none, State: "closed", Accounts: 3},
				{Name: "B-02", Link: "/convoys/B-02", When: s.day(20), Left: web.Value{Low: 400, Kind: "at-least", Unit: "people"}, Arrived: none, Open: none, State: "closed", Accounts: 1},
			}},
			{Name: s.tr("Out of Madaya and Zabadani", "الخروج من مضايا والزبداني")},
		},
		Sealed: 1,
	}
}

func (s sampler) convoy() web.Convoy {
	ocha := s.tr("OCHA", "مكتب تنسيق الشؤون الإنسانية")
	uossm := s.tr("UOSSM", "اتحاد منظمات الرعاية والإغاثة")
	rec := s.tr("reconstruction", "إعادة البناء")
	acc := func(n int, by, basis, place string, when web.Moment, tail string) web.Account {
		return web.Account{By: rec, Via: by, Basis: basis, When: when, Place: place, Figures: []web.Figure{{Value: web.Value{Low: n, Unit: "bus"}, Tail: tail, By: by, Basis: basis, CutOff: when, Record: hash(n)}}, Record: hash(n), Index: 180 + n, Source: &web.Source{Title: s.tr("Aleppo Situation Report No. 10", "تقرير الحالة في حلب رقم 10"), Outlet: "ReliefWeb", Locator: "reliefweb.int/report/syrian-arab-republic/aleppo-situation-report-10-23-december-2016", SHA256: hash(n + 900), Read: s.day(23)}}
	}
	b := s.balance()
	return web.Convoy{
		Frame: s.frame("/convoys/A-31"), Name: "A-31", Leg: s.tr("Out of east Aleppo", "الخروج من شرق حلب"), State: "closed",
		Differences: b.Differences,
		Movements: []web.Movement{
			{Kind: "departure", Place: s.tr("Ramouseh", "الراموسة"), Figure: web.Figure{Value: web.Value{Low: 4, Unit: "bus"}, Tail: s.tr("left", "غادرت"), By: ocha, Basis: "reported", CutOff: s.at(22, 20, 25), Record: hash(4)}, Accounts: []web.Account{acc(4, ocha, "reported", s.tr("Ramouseh", "الراموسة"), s.at(22, 20, 25), s.tr("left", "غادرت"))}},
			{Kind: "arrival", Place: s.tr("Idlib countryside", "ريف إدلب"), Figure: web.Figure{Value: web.Value{Low: 3, Unit: "bus"}, Tail: s.tr("arrived", "وصلت"), By: uossm, Basis: "reported", CutOff: s.at(22, 22, 0), Record: hash(33)}, Accounts: []web.Account{acc(3, uossm, "reported", s.tr("Idlib countryside", "ريف إدلب"), s.at(22, 22, 0), s.tr("arrived", "وصلت")), func() web.Account {
				a := acc(5, uossm, "reported", s.tr("Idlib countryside", "ريف إدلب"), s.at(22, 22, 30), s.tr("arrived", "وصلت"))
				a.Corrected = hash(3)
				a.Findings = []web.Finding{{Code: "observer.not-deployed"}}
				return a
			}()}},
		},
		Disputes: []web.Related{{Kind: "dispute", Link: "/records/" + hash(61), Quote: web.Quote{Text: s.tr("We counted four at the hand-over.", "أحصينا أربعًا عند التسليم."), Voice: "quoted", By: s.tr("party liaison", "ضابط اتصال طرف"), When: s.at(23, 9, 0), Hash: hash(61)}}},
	}
}

func (s sampler) observers() web.Observers {
	rec := s.tr("reconstruction", "إعادة البناء")
	return web.Observers{
		Frame: s.frame("/observers"), Coverage: s.coverage(),
		Policy: web.ConsentLines(s.lang, web.Consent{Of: web.Quorum(s.lang, 2, []string{s.tr("Red", "الأحمر"), s.tr("Blue", "الأزرق")}), Window: 24 * 60, Silence: "refuses", Object: "bars", Revoke: "any", Lock: true}),
		Observers: []web.Observer{
			{Label: s.tr("UN inter-agency team at Ramouseh, 20 additional staff", "فريق الأمم المتحدة المشترك في الراموسة، 20 موظفًا إضافيًا"), Role: "team", Size: web.Value{Low: 20, Unit: "staff"}, State: "admitted", Note: s.tr("Authorised on 20 December, according to the UN; no list and no text of the consent is public.", "أُذن لهم في 20 كانون الأول/ديسمبر بحسب الأمم المتحدة؛ ولا قائمة علنية ولا نص للموافقة."),
				Nominated: web.Act{By: s.tr("United Nations", "الأمم المتحدة"), State: "nominated", When: s.day(20), On: s.tr("UN spokesman", "المتحدث باسم الأمم المتحدة"), Record: hash(201)}, Needed: 2, Given: 1,
				Acts:    []web.Act{{By: s.tr("Government of Syria", "حكومة سوريا"), State: "consented", When: s.day(20), On: s.tr("UN spokesman", "المتحدث باسم الأمم المتحدة"), Record: hash(202)}, {By: s.tr("“other parties”, not named", "«أطراف أخرى»، غير مسمّاة"), State: "silent"}},
				Records: []web.Line{{Name: web.Word(s.lang, "kind", "coverage"), Text: "2"}, {Name: web.Word(s.lang, "kind", "incident"), Text: "0"}}},
			{Label: "gate-3", Role: "observer", State: "revoked", Device: hash(77), Where: s.tr("Ramouseh", "الراموسة"), Needed: 2, Given: 2,
				Nominated: web.Act{By: s.tr("mission office", "مكتب البعثة"), State: "nominated", When: s.at(13, 9, 0), Record: hash(203)},
				Acts:      []web.Act{{By: s.tr("Red", "الأحمر"), State: "consented", When: s.at(13, 12, 0), Record: hash(204)}, {By: s.tr("Blue", "الأزرق"), State: "consented", When: s.at(13, 15, 0), Record: hash(205)}, {By: s.tr("Blue", "الأزرق"), State: "objected", When: s.at(16, 8, 0), Reason: s.tr("We no longer accept this person.", "لم نعد نقبل هذا الشخص."), Record: hash(206)}, {By: s.tr("mission office", "مكتب البعثة"), State: "deployed", When: s.at(13, 18, 0), Record: hash(207)}, {By: s.tr("Blue", "الأزرق"), State: "revoked", When: s.at(16, 12, 0), Record: hash(208)}},
				Findings:  []web.Finding{{Code: "observer.revoked", Link: "/records/" + hash(209)}}},
		},
		Others: []web.Line{{Name: rec, Text: s.tr("author of every record of this reconstruction; not an observer", "كاتب كل محاضر إعادة البناء هذه؛ ليس مراقبًا")}},
	}
}

func (s sampler) incidents() web.Incidents {
	b := s.burned()
	c := web.Incidence{Title: s.tr("Convoy of about 800 stopped and turned back", "إيقاف قافلة تضم نحو 800 شخص وإعادتها"), Link: "/incidents/" + hash(160), When: s.day(16), Place: s.tr("near Ramouseh", "قرب الراموسة"), Kind: "convoy-turned-back", Basis: "reported", Covered: "not-known", Disputed: 1, Versions: make([]web.Version, 5), Reports: []web.Line{{Name: s.tr("Daily No. 2", "اليومي رقم 2"), Link: "/reports/2"}}}
	d := web.Incidence{Title: s.tr("First vehicles reported shot at", "أنباء عن إطلاق نار على أولى المركبات"), Link: "/incidents/" + hash(150), When: s.at(15, 9, 30), Place: s.tr("Ramouseh", "الراموسة"), Kind: "fire-on-convoy", Basis: "reported", Covered: "present", Versions: make([]web.Version, 2), Reports: []web.Line{{Name: s.tr("Daily No. 1", "اليومي رقم 1"), Link: "/reports/1"}}}
	b.Reports = []web.Line{{Name: s.tr("Daily No. 4", "اليومي رقم 4"), Link: "/reports/4"}}
	return web.Incidents{Frame: s.frame("/incidents"), Incidents: []web.Incidence{b, c, d}, Sealed: 2}
}

func (s sampler) incident() web.Incident {
	i := s.burned()
	i.Reports = []web.Line{{Name: s.tr("Daily No. 4", "اليومي رقم 4"), Text: s.tr("section 5", "القسم 5"), Link: "/reports/4"}}
	rec := s.tr("reconstruction", "إعادة البناء")
	out := web.Incident{Frame: s.frame(i.Link), Incident: i, Coverage: s.coverage(), Record: hash(180), Index: 93}
	for k, v := range i.Versions {
		a := web.Account{By: rec, Via: v.By, Basis: v.Basis, When: s.day(18), Place: i.Place, Record: v.Record, Index: 93 + k,
			Source: &web.Source{Title: s.tr("Buses for the evacuation set on fire", "إحراق حافلات مخصصة للإجلاء"), Outlet: v.By, Locator: "archive/2016-12-18/" + fmt.Sprint(k), SHA256: hash(k + 300), Read: s.day(18)}}
		if v.Value.Low > 0 {
			a.Figures = []web.Figure{{Value: v.Value, Tail: v.Text, By: v.By, Basis: v.Basis, Published: s.day(18), Record: v.Record}}
		}
		if v.Blames != "" {
			a.Says = []web.Attributed{{Value: web.Value{Words: v.Blames}, By: v.By}}
		}
		if k == 0 {
			a.Disputed = 1
		}
		out.Accounts = append(out.Accounts, a)
	}
	out.Disputes = []web.Quote{{Text: s.tr("A resident says that it was not Nusra.", "يقول أحد السكان إنها لم تكن النصرة."), Voice: "paraphrased", By: s.tr("a resident, unnamed", "أحد السكان، لم يُذكر اسمه"), When: s.day(18), Hash: hash(191)}}
	out.Replies = []web.Quote{{Text: s.tr("The buses were attacked by people opposed to the exchange.", "هاجم الحافلات أشخاص معارضون للتبادل."), Voice: "paraphrased", By: s.tr("opposition officials", "مسؤولون في المعارضة"), When: s.day(19), Hash: hash(192)}}
	return out
}

func (s sampler) said() web.Said {
	return web.Said{Frame: s.frame("/said"), Statements: []web.StatementLine{
		{Title: s.tr("Briefing in Tehran on the Council’s resolution", "إحاطة في طهران بشأن قرار المجلس"), Link: "/said/tehran", Speaker: s.tr("Ali Shamkhani", "علي شمخاني"), Capacity: s.tr("secretary of the Supreme National Security Council of Iran", "أمين المجلس الأعلى للأمن القومي الإيراني"), When: s.day(20), Inferred: true, Claims: 15, Held: []web.Tally{{Relation: "for", N: 5}, {Relation: "against", N: 4}, {Relation: "outside-coverage", N: 2}, {Relation: "no-record-could-show", N: 4}}},
		{Title: s.tr("On the additional staff", "بشأن الموظفين الإضافيين"), Link: "/said/un", Speaker: s.tr("Stéphane Dujarric", "ستيفان دوجاريك"), Capacity: s.tr("spokesman of the United Nations", "المتحدث باسم الأمم المتحدة"), When: s.day(20), Claims: 3, Held: []web.Tally{{Relation: "for", N: 2}, {Relation: "none", N: 1}}},
		{Title: s.tr("On the first draft of the resolution", "بشأن المسودة الأولى للقرار"), Link: "/said/russia", Speaker: s.tr("Vitaly Churkin", "فيتالي تشوركين"), Capacity: s.tr("representative of Russia", "ممثل روسيا"), When: s.day(18), Claims: 4, Held: []web.Tally{{Relation: "context", N: 3}, {Relation: "no-record-could-show", N: 1}}},
	}}
}

func (s sampler) statement() web.Statement {
	l := s.said().Statements[0]
	speaker := l.Speaker
	q := func(en, ar, voice, by string) web.Quote { return web.Quote{Text: s.tr(en, ar), Voice: voice, By: by} }
	return web.Statement{
		Frame: s.frame("/said/tehran"), Statement: l, Record: hash(220),
		Occasion: s.tr("Press briefing in Tehran, the day after the Council adopted resolution 2328.", "إحاطة صحفية في طهران في اليوم التالي لاعتماد مجلس الأمن القرار 2328."),
		Source:   web.Source{Title: s.tr("Report on the briefing", "تقرير عن الإحاطة"), Outlet: s.tr("news outlet", "منبر إخباري"), Locator: s.tr("paragraphs 1 to 11", "الفقرات 1 إلى 11"), SHA256: hash(221), Read: s.day(20)},
		Claims: []web.SaidClaim{
			{Number: 1, Text: q("The resolution prepares the sending of intelligence officers under the cover of observers.", "يمهّد القرار لإرسال ضباط استخبارات تحت غطاء مراقبين.", "paraphrased", speaker), Nothing: "no-record-could-show", Bears: "motive"},
			{Number: 2, Text: q("The resolution puts the departure of fighters before that of civilians.", "يقدّم القرار خروج المقاتلين على خروج المدنيين.", "paraphrased", speaker), Has: []web.Bearing{
				{Relation: "against", Text: s.tr("Over 4,000 fighters left in the last stage, 21 and 22 December.", "غادر أكثر من 4,000 مقاتل في المرحلة الأخيرة، في 21 و22 كانون الأول/ديسمبر."), By: s.tr("ICRC, through ITV", "اللجنة الدولية، عن طريق آي تي في"), Link: "/records/" + hash(231), Tied: s.tr("reconstruction", "إعادة البناء"), Record: hash(232)},
				{Relation: "context", Text: s.tr("Paragraph 1 takes note of efforts to evacuate civilians and fighters.", "تحيط الفقرة 1 علمًا بالجهود الرامية إلى إجلاء المدنيين والمقاتلين."), By: s.tr("resolution 2328", "القرار 2328"), Link: "/mission", Tied: s.tr("reconstruction", "إعادة البناء"), Record: hash(233), Disputed: 1},
			}},
			{Number: 3, Text: q("Buses that were to bring people out of the two villages were attacked and set on fire.", "هوجمت حافلات كانت ستُخرج أناسًا من القريتين وأُحرقت.", "outlet", s.tr("the outlet", "المنبر")), Has: []web.Bearing{{Relation: "for", Text: s.tr("Buses burned on the way to Foua and Kefraya, 18 December, five versions.", "إحراق حافلات في الطريق إلى الفوعة وكفريا، 18 كانون الأول/ديسمبر، خمس روايات."), Link: "/incidents/" + hash(180), Tied: s.tr("reconstruction", "إعادة البناء"), Record: hash(234)}}},
			{Number: 4, Text: q("The resolution has been criticised for saying nothing of it.", "انتُقد القرار لأنه لم يذكر ذلك.", "unattributed", ""), Nothing: "none"},
			{Number: 5, Text: q("New operations start on Tuesday to take the last part of the city.", "تبدأ الثلاثاء عمليات جديدة لأخذ آخر جزء من المدينة.", "outlet", s.tr("the outlet", "المنبر")), Nothing: "outside-coverage"},
		},
	}
}

func (s sampler) reportLine(n int) web.ReportLine {
	return web.ReportLine{Series: s.tr("Daily report", "التقرير اليومي"), Number: n, Link: fmt.Sprintf("/reports/%d", n), Period: web.Moment{From: s.time(13+n, 19, 30), To: s.time(14+n, 19, 30), Zones: s.zones}, CutOff: s.at(14+n, 19, 30), From: 20 * n, To: 20*n + 20, Incidents: n % 3, Nil: n%3 == 0, State: "holds"}
}

func (s sampler) reports() web.Reports {
	r := web.Reports{Frame: s.frame("/reports"), Clocks: s.clocks()}
	for n := 8; n > 0; n-- {
		r.Reports = append(r.Reports, s.reportLine(n))
	}
	return r
}

func (s sampler) claims() []web.Claim {
	return []web.Claim{{Name: "log", State: "holds", Text: s.tr("214 entries, root as cosigned", "214 قيدًا، والجذر كما وُقّع")}, {Name: "authority", State: "holds", Text: ""}, {Name: "reports", State: "holds", Text: s.tr("8 reports", "8 تقارير")}, {Name: "figures", State: "unknown", Text: s.tr("41 of 44 recomputed here, 3 sealed", "أُعيد حساب 41 من 44 هنا، و3 محجوبة")}}
}

func (s sampler) report() web.Report {
	prev := web.Value{Low: 9500, High: 10000, Unit: "people"}
	return web.Report{
		Frame: s.frame("/reports/4"), Report: s.reportLine(4), Issued: s.at(19, 8, 40), Root: hash(400), By: s.tr("mission office", "مكتب البعثة"), Record: hash(401), Checks: s.claims(),
		Text:     web.Quote{Text: s.tr("Movement resumed at 23:00 after more than two days. The mission was not on the road to the villages and cannot say what happened there.", "استؤنفت الحركة عند الساعة 23:00 بعد أكثر من يومين. ولم تكن البعثة على الطريق إلى القريتين ولا تستطيع أن تقول ما حدث هناك."), By: s.tr("mission office", "مكتب البعثة")},
		Basis:    []web.Line{{Name: s.tr("Observed", "مشاهَد"), Text: "6"}, {Name: s.tr("Reported", "مُبلَّغ عنه"), Text: "14"}, {Name: s.tr("Hours without contact", "ساعات دون اتصال"), Text: "11"}},
		Coverage: s.coverage(),
		Movement: []web.ReportFigure{
			{Name: s.tr("Left east Aleppo, in all", "غادروا شرق حلب، إجمالًا"), Figure: web.Figure{Value: web.Value{Low: 10300, High: 15000, Unit: "people"}, By: s.tr("UNHCR; ICRC", "مفوضية اللاجئين؛ اللجنة الدولية"), Basis: "reported", Rests: 2, Link: "/convoys"}, Previous: &prev},
			{Name: s.tr("Left Foua and Kefraya, in all", "غادروا الفوعة وكفريا، إجمالًا"), Figure: web.Figure{Value: web.Value{Low: 260, High: 600, Unit: "people"}, By: s.tr("three sources", "ثلاثة مصادر"), Basis: "reported", Rests: 3, Link: "/convoys/B-01"}},
		},
		Holds: s.holds()[:1], Incidents: []web.Incidence{s.burned()},
		Late:        []web.Late{{Name: s.tr("Left on 15 December", "غادروا في 15/12"), Old: web.Value{Low: 3000, Kind: "about", Unit: "people"}, New: web.Value{Low: 3000, High: 10000, Unit: "people"}, By: s.tr("ICRC", "اللجنة الدولية"), Link: "/records/" + hash(402)}},
		Silent:      []web.Line{{Name: s.tr("Rashidin", "الراشدين"), Text: s.tr("no post", "لا مركز")}},
		Limits:      []web.Restriction{{Kind: "denied", When: s.at(16, 7, 0), Place: s.tr("Ramouseh", "الراموسة"), Reporter: s.tr("WHO, through Reuters", "منظمة الصحة العالمية، عن طريق رويترز"), Record: hash(403)}},
		Statements:  []web.Line{{Name: s.tr("Russian Ministry of Defence", "وزارة الدفاع الروسية"), Text: s.tr("operation complete", "اكتمال العملية"), Link: "/said/russia"}},
		Replies:     []web.Quote{{Text: s.tr("We do not accept the figure of 5 buses.", "لا نقبل رقم 5 حافلات."), Voice: "quoted", By: s.tr("a party", "أحد الأطراف"), When: s.at(19, 7, 0), Hash: hash(404)}},
		Corrections: nil,
		Since:       []web.Line{{Name: s.tr("entry 101", "القيد 101"), Text: s.tr("crowd at the crossing", "حشد عند المعبر"), Link: "/records/" + hash(405)}},
		Annex:       []web.AnnexLine{{Class: "incident", N: 2, Records: []string{hash(180), hash(160)}}, {Class: "movement", N: 3, Records: []string{hash(1), hash(2), hash(3)}}, {Class: "word", N: 1, Records: []string{hash(9)}}},
	}
}

func (s sampler) record() web.Record {
	return web.Record{
		Frame: s.frame("/records/" + hash(36086)), Hash: hash(36086), Index: 203, Kind: "figure", Class: "word", By: s.tr("reconstruction", "إعادة البناء"), Key: hash(500), Signed: web.Moment{From: time.Date(2017, 1, 31, 9, 0, 0, 0, time.UTC), Precision: "second", Zones: s.zones}, Before: web.Moment{From: time.Date(2017, 1, 31, 9, 0, 30, 0, time.UTC), Precision: "second", Zones: s.zones},
		Basis: "reported", When: web.Moment{From: s.time(15, 8, 0), To: s.time(22, 20, 25), Zones: s.zones}, Place: s.tr("east Aleppo", "شرق حلب"),
		Figures:  []web.Figure{{Value: web.Value{Low: 36086, Unit: "people"}, Tail: s.tr("left east Aleppo", "غادروا شرق حلب"), By: s.tr("UN", "الأمم المتحدة"), Through: s.tr("WHO Europe", "منظمة الصحة العالمية/أوروبا"), Basis: "reported", Published: web.Moment{From: time.Date(2017, 1, 12, 0, 0, 0, 0, s.zones[0]), Precision: "month", Zones: s.zones}, Record: hash(36086)}},
		Source:   &web.Source{Title: s.tr("Evacuation of east Aleppo", "إجلاء شرق حلب"), Outlet: s.tr("WHO Europe", "منظمة الصحة العالمية/أوروبا"), Locator: "euro.who.int/…/2017/01", SHA256: hash(501)},
		Re:       &web.Line{Name: web.Word(s.lang, "kind", "figure"), Text: s.tr("35,000 people, ICRC", "35,000 شخص، اللجنة الدولية"), Link: "/records/" + hash(35000)},
		Findings: nil,
		Parts: []web.Part{
			{Name: "facts", State: "open", Hash: hash(502), Fields: []web.Line{{Name: s.tr("when", "متى"), Text: web.When(s.lang, web.Moment{From: s.time(15, 8, 0), To: s.time(22, 20, 25), Zones: s.zones})}, {Name: s.tr("leg", "الاتجاه"), Text: "aleppo"}, {Name: s.tr("came by", "ورد عبر"), Lines: []web.Line{{Name: s.tr("channel", "القناة"), Text: s.tr("radio", "اللاسلكي")}, {Name: s.tr("from", "من"), Text: "A. Haddad"}}}}, JSON: `{"id":"` + hash(503)[:32] + `","part":"facts","nonce":"` + hash(504)[:32] + `","when":["2016-12-15T06:00:00Z","2016-12-22T18:25:00Z"],"basis":"reported","leg":"aleppo"}`},
			{Name: "count", State: "open", Hash: hash(505), Fields: []web.Line{{Name: s.tr("people", "أشخاص"), Text: "36,086"}}, JSON: `{"id":"` + hash(503)[:32] + `","part":"count","nonce":"` + hash(506)[:32] + `","unit":"people","cells":[{"name":"all","n":36086}]}`},
			{Name: "identity", State: "sealed", Hash: hash(507), Until: web.Moment{From: time.Date(2017, 6, 1, 0, 0, 0, 0, s.zones[0]), Precision: "day", Zones: s.zones}},
			{Name: "narrative", State: "erased", Hash: hash(508)},
		},
		Related: []web.Related{{Kind: "dispute", Link: "/records/" + hash(509), Quote: web.Quote{Text: s.tr("30,487 were traced on 29 December.", "جرى تتبّع 30,487 في 29 كانون الأول/ديسمبر."), Voice: "paraphrased", By: s.tr("OCHA", "مكتب تنسيق الشؤون الإنسانية"), When: s.day(29), Hash: hash(509)}}},
		Reports: []web.Line{{Name: s.tr("Daily report No. 8", "التقرير اليومي رقم 8"), Link: "/reports/8"}},
		Header:  `{"v":1,"mission":"` + hash(510) + `","kind":"figure","id":"` + hash(503)[:32] + `"}`,
		Proof:   web.Proof{Size: 214, Root: hash(400), Hashes: []string{hash(511), hash(512), hash(513), hash(514)}, Receipt: "/records/x.tlog-proof", Raw: "/api/v1/records/x", Commands: []string{"corridor verify receipt.tlog-proof --card mission.card"}},
	}
}

func (s sampler) log() web.Log {
	l := web.Log{
		Frame: s.frame("/log"), Origin: "corridor.invalid/" + hash(510), Root: hash(400), Key: "corridor.invalid/" + hash(510)[:12] + "…+3c0f7a21+AVxk…",
		Checkpoint: "corridor.invalid/" + hash(510) + "\n214\nq1Jm0c8eW0cYw3mM2Zt6m2uGZb3n0Jx9q6Qw1m0k2Xc=\n\n— corridor.invalid/" + hash(510) + " PA96IcpQ0l…\n— exercise-witness-1 bi8KEQ4k…\n— exercise-witness-2 EbDH1Gm9…\n",
		Card:       "corridor-card/v1\nmandate " + hash(510) + "\nlog corridor.invalid/…+3c0f7a21+AVxk…\nquorum 2 of exercise-witness-1, exercise-witness-2\n",
		Checks:     s.claims(), Earlier: "/log?before=190",
		Classes: []web.ClassCount{{Class: "authority", N: 24}, {Class: "movement", N: 81}, {Class: "incident", N: 7}, {Class: "word", N: 90}, {Class: "report", N: 8}, {Class: "office", N: 4}},
		Commands: []web.Line{
			{Name: s.tr("Replay the whole log on your machine and hear what holds:", "أعد تشغيل السجل كله على جهازك لتعرف ما الذي يثبت:"), Text: "corridor verify https://mission.example --card mission.card"},
			{Name: s.tr("Look at the signed state yourself:", "اطّلع بنفسك على الحالة الموقّعة:"), Text: "curl -s https://mission.example/checkpoint"},
		},
	}
	l.Signers = l.Seal.Signers
	kinds := []struct{ class, kind, en, ar, mark string }{
		{"report", "report", "Daily report No. 8", "التقرير اليومي رقم 8", ""},
		{"word", "figure", "36,086 people left east Aleppo", "36,086 شخصًا غادروا شرق حلب", "disputed"},
		{"movement", "arrival", "A-31, 3 buses", "A-31، 3 حافلات", ""},
		{"movement", "departure", "A-31, 4 buses", "A-31، 4 حافلات", "corrected"},
		{"incident", "incident", "Buses burned", "إحراق حافلات", "disputed"},
		{"authority", "consent", "to 20 additional staff", "على 20 موظفًا إضافيًا", ""},
		{"movement", "", "", "", ""},
	}
	for i, k := range kinds {
		l.Entries = append(l.Entries, web.Entry{Index: 213 - i, Class: k.class, Kind: k.kind, By: s.tr("reconstruction", "إعادة البناء"), When: s.at(22-i, 20, 25), Hash: hash(600 + i), Text: s.tr(k.en, k.ar), Marked: k.mark})
	}
	return l
}

func (s sampler) cheat() web.Cheat {
	c := web.Cheat{Frame: s.frame("/cheat")}
	for _, code := range []string{"omit", "alter", "admit", "backdate", "fork"} {
		c.Lies = append(c.Lies, web.Lie{Code: code, Action: "/cheat", Tried: code == "omit"})
	}
	c.Lies[1].Here = s.tr("1,312 people out of the villages become 1,812.", "يصبح 1,312 شخصًا خرجوا من القريتين 1,812.")
	c.Answer = &web.CheatAnswer{Code: "omit", Done: s.tr("The burned buses were taken out of daily report No. 4, and the report was signed again.", "حُذفت الحافلات المحترقة من التقرير اليومي رقم 4، ثم وُقّع التقرير من جديد."), Entry: 101, Link: "/records/" + hash(401), Millis: 38,
		Text: "reports: does not hold: entry 101 (report Daily No. 4): incident 7c1f0e9a… (entry 93) was logged in its range 80..100 and is not listed",
		Notices: []web.Notice{
			{Who: s.tr("anyone with a copy", "أي شخص لديه نسخة"), By: s.tr("counts the entries of class incident in the range", "يعدّ القيود من صنف الحوادث في النطاق"), When: s.tr("at once", "فورًا")},
			{Who: s.tr("each party", "كل طرف"), By: s.tr("its own copy refuses the report", "ترفض نسخته التقرير"), When: s.tr("at the next tick", "عند النبضة التالية")},
		}, Checks: []web.Claim{{Name: "log", State: "holds"}, {Name: "authority", State: "holds"}, {Name: "reports", State: "fails", Text: s.tr("1 incident left out", "أُسقطت حادثة واحدة")}, {Name: "figures", State: "holds"}}}
	return c
}

func (s sampler) mission() web.Mission {
	b := s.balance()
	return web.Mission{
		Frame: s.frame("/mission"), Schedule: s.clocks()[:1], Origin: "corridor.invalid/" + hash(510), Key: "corridor.invalid/…+3c0f7a21+AVxk…", Record: hash(510), Card: "corridor-card/v1\nmandate " + hash(510) + "\n",
		Purpose: web.Quote{Text: s.tr("Monitoring and direct observation of evacuations from the eastern districts of Aleppo and other districts of the city.", "رصد عمليات الإجلاء من الأحياء الشرقية لحلب وسائر أحياء المدينة ومراقبتها مباشرة."), Voice: "paraphrased", By: s.tr("Security Council, resolution 2328 (2016)", "مجلس الأمن، القرار 2328 (2016)"), When: s.day(19), Hash: hash(510)},
		Clauses: []web.Line{
			{Name: "2", Text: s.tr("Departure is voluntary and to a destination of one’s choice; those who stay are protected too.", "المغادرة طوعية وإلى وجهة يختارها المرء؛ ومن يبقون يُحمَون أيضًا.")},
			{Name: "3", Text: s.tr("Adequate, neutral monitoring; parties give monitors safe, immediate and unimpeded access.", "رصد كافٍ ومحايد؛ وتتيح الأطراف للراصدين وصولًا آمنًا وفوريًا بلا عوائق.")},
			{Name: "8", Text: s.tr("The Secretary-General reports within five days of adoption.", "يقدّم الأمين العام تقريرًا خلال خمسة أيام من الاعتماد.")},
		},
		Actors: []web.Actor{
			{Label: s.tr("Government of Syria", "حكومة سوريا"), Roles: []string{"party"}, State: "recorded", On: s.tr("public sources", "مصادر علنية"), Record: hash(521)},
			{Label: s.tr("Negotiator of armed groups in east Aleppo", "مفاوض المجموعات المسلحة في شرق حلب"), Roles: []string{"party"}, State: "recorded", On: s.tr("public sources", "مصادر علنية"), Record: hash(522)},
			{Label: s.tr("Russia", "روسيا"), Roles: []string{"guarantor"}, State: "recorded", On: s.tr("public sources", "مصادر علنية"), Record: hash(523)},
			{Label: s.tr("Türkiye", "تركيا"), Roles: []string{"guarantor"}, State: "recorded", On: s.tr("public sources", "مصادر علنية"), Record: hash(524)},
			{Label: s.tr("ICRC, SARC", "اللجنة الدولية للصليب الأحمر، الهلال الأحمر العربي السوري"), Roles: []string{"operator"}, State: "none"},
		},
		Agreements: []web.Agreement{{Title: s.tr("Terms of 18 December", "شروط 18 كانون الأول/ديسمبر"), When: s.day(18), Bound: []string{s.tr("Government of Syria", "حكومة سوريا"), s.tr("armed groups in east Aleppo", "المجموعات المسلحة في شرق حلب")}, Clauses: []web.Line{{Name: "1", Text: s.tr("2,500 from the villages in two batches against two batches from Aleppo.", "2,500 من القريتين في دفعتين مقابل دفعتين من حلب.")}}, Reading: b.Legs[1].Readings}},
		Consent:    s.observers().Policy,
		Disclosure: []web.DisclosureRow{
			{Kind: "departure", Part: "facts", Open: "mission", Closed: "parties", Later: "public", Latest: s.tr("24 hours after the convoy closed", "24 ساعة بعد انتهاء القافلة")},
			{Kind: "departure", Part: "where", Open: "strict", Closed: "mission", Later: "parties", Latest: s.tr("30 days", "30 يومًا")},
			{Kind: "incident", Part: "facts", Open: "parties", Closed: "public", Later: "public", Latest: s.tr("24 hours", "24 ساعة")},
			{Kind: "incident", Part: "identity", Open: "strict", Closed: "strict", Later: "strict", Latest: s.tr("never; erased after a year", "أبدًا؛ يُمحى بعد سنة")},
		},
		Places: []web.Place{{Name: s.tr("Foua", "الفوعة"), Role: s.tr("origin", "منشأ"), Aliases: []string{"Fu'ah", "Foah", "الفوعة", "Fua"}}, {Name: s.tr("Ramouseh", "الراموسة"), Role: s.tr("crossing", "معبر"), Aliases: []string{"Ramoussah", "Ramousa", "الراموسة"}}},
		Rules:  []web.Line{{Name: s.tr("Day of operation", "يوم العملية"), Text: s.tr("from midnight, Damascus", "من منتصف الليل، بتوقيت دمشق")}, {Name: s.tr("Delay of public release", "مهلة الإتاحة للعموم"), Text: s.tr("24 hours after both legs closed", "24 ساعة بعد انتهاء الاتجاهين")}},
	}
}
