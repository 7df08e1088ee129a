package export

import (
	"bufio"
	stdjson "encoding/json"
	"fmt"
	"io"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// point is where something was, in degrees: for the public never the point that was measured
// but that of the mandate's place, to two decimals, about a kilometre.
func (x *Reading) point(h record.Hash, w *corridor.Where) (lat, lon Cell) {
	_, name, _, place := x.where(h, w)
	if name.why != "" {
		return name, name
	}
	if w.Point != nil && x.Level != corridor.Public {
		return x.degrees(w.Point)
	}
	if place == nil {
		return Cell{}, Cell{}
	}
	return x.degrees(place.Point)
}

// degrees writes a point, for the public to two decimals.
func (x *Reading) degrees(p *corridor.Point) (lat, lon Cell) {
	if p == nil {
		return Cell{}, Cell{}
	}
	return text(x.degree(p.Lat)), text(x.degree(p.Lon))
}

func (x *Reading) degree(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	if x.Level == corridor.Public {
		n = (n + 50_000) / 100_000
		return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
	}
	return fmt.Sprintf("%s%d.%07d", sign, n/10_000_000, n%10_000_000)
}

// GeoJSON writes the places of the mandate and the incidents that have a place as a feature
// collection of RFC 7946, in WGS 84 with the longitude first. What the file says of itself is
// its foreign member corridor. No convoy and no hold is among the features, whoever reads it.
func GeoJSON(w io.Writer, x Reading) (Head, error) {
	head, err := x.head("geojson")
	if err != nil {
		return head, err
	}
	b := bufio.NewWriter(w)
	fmt.Fprint(b, `{"type":"FeatureCollection","features":[`)
	for _, t := range []Table{places, incidents} {
		at := map[string]int{}
		for i, c := range t.Columns {
			at[c.Name] = i
		}
		for cells := range t.Rows(&x) {
			lat, lon := cells[at["lat"]], cells[at["lon"]]
			if lat.text == "" {
				continue // sealed, or nobody knows where: a feature of a table, not of a map
			}
			if head.Rows++; head.Rows > 1 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "\n"+`{"type":"Feature","geometry":{"type":"Point","coordinates":[%s,%s]},"properties":{"table":"%s"`, lon.text, lat.text, t.Name)
			for i, c := range t.Columns {
				if c.Name != "lat" && c.Name != "lon" && !cells[i].missing() {
					b.WriteByte(',')
					member(b, c.Name, cells[i])
				}
			}
			b.WriteString("}}")
		}
	}
	said, err := stdjson.Marshal(head)
	if err != nil {
		return head, err
	}
	fmt.Fprintf(b, "\n],\"corridor\":%s}\n", said)
	return head, b.Flush()
}
