package server

import (
	"encoding/hex"
	"net/url"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
	"corridor.example/corridor/web"
)

// phones are the keys of phones that came by an invitation, for an office that may nominate.
func (p *page) phones(who corridor.ActorID, x *web.Desk) error {
	if p.s.cfg.Door == nil || !p.reader.Level.Reads(corridor.MissionLevel) || !p.drafts(who, corridor.KindNomination) {
		return nil
	}
	list, err := p.s.cfg.Door.Phones(p.r.Context())
	if err != nil {
		return err
	}
	x.Phoned = true
	for _, ph := range list {
		pub, err := hex.DecodeString(ph.Key)
		if err != nil {
			return err
		}
		key := record.Fingerprint(pub)
		y := web.WaitingPhone{Words: strings.Join(verify.Words(key[:10]), " "), Key: key.String(), When: p.time(record.Time(ph.Came)), Draft: "/desk/nomination?" + url.Values{
			"facts.key.use": {string(corridor.DeviceKey)}, "facts.key.key": {ph.Key}, "facts.key.proof": {ph.Proof},
		}.Encode()}
		for _, a := range p.v.Admissions() {
			if a.Facts.Key.Key == ph.Key && p.may(a.Record, "facts") {
				y.Of = p.label(a.Facts.Observer)
			}
		}
		for i := range p.v.Size() {
			e := p.v.Entry(i)
			if e.Key != key {
				continue
			}
			if r, ok := p.stored(e.Hash); ok && ph.Pressed(key, r.Header.Seq, r.Header.ID) {
				y.Pressed = append(y.Pressed, web.Line{Name: p.entry(e.Hash), Link: link(e.Hash)})
			}
		}
		x.Phones = append(x.Phones, y)
	}
	return nil
}
