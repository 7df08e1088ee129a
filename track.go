package corridor

import "corridor.example/corridor/record"

// KindTrack is the kind of record in which the mission's server says that it holds a stretch of
// positions of a device. It is signed with the node key.
var KindTrack = kind[Track]("track", ClassOffice)

// TrackLongest is how many seconds one track record may cover.
const TrackLongest = 600

// A Track seals a stretch of positions without telling them: whoever is later shown the points
// and the salt can tell whether they are those, and that there were no more. No point of it is
// ever in the log.
type Track struct {
	Facts TrackFacts `part:"facts"`
}

// TrackFacts say of which device, from when to when, and of how many points.
type TrackFacts struct {
	record.PartHead
	Device record.Hash `json:"device"` // fingerprint of the device's key, or SHA-256 of its token's name
	When   Period      `json:"when"`   // of the first point and the last, by the device's clock, UTC
	Points int64       `json:"points"`
	SHA256 record.Hash `json:"sha256"` // of a salt of 16 bytes and the points, as they are kept beside it
}

func (k Track) refuse(h Header) error {
	f := k.Facts
	if h.Re != nil {
		return Refuse("track.re", "a track answers nothing")
	}
	if err := f.When.refuse(KindTrack); err != nil {
		return err
	}
	if f.When[1]-f.When[0] > TrackLongest {
		return Refuse("track.when", "a track covers at most %d seconds, this one %d; seal it in several", TrackLongest, f.When[1]-f.When[0])
	}
	if f.Points < 1 {
		return Refuse("track.points", "a track seals at least one point")
	}
	return nil
}

func (k Track) finds(a Authority, h Header) []Finding { return a.findNode(h) }

func (k Track) apply(m *Mission, h Header) {
	m.field.ground.tracks.put(h.Hash, Tracked{telling(h, k.Facts.When, Sensor, nil), k.Facts})
}

// A Tracked is a sealed stretch of positions as a view shows it.
type Tracked struct {
	Telling
	Facts TrackFacts
}

// Tracks returns the sealed stretches of positions, by when and hash. They are in no figure.
func (v View) Tracks() []Tracked {
	return happened(v, gather(v, &v.m.field.ground.tracks))
}
