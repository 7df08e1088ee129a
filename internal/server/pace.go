package server

import (
	"io"
	"net/http"
	"time"
)

// How slowly a body may come: after a while, in which a bad line may lose some of it, less than
// so many bytes a second on the average is not waited for. The slowest telephone that is of any
// use sends more.
const (
	paceFree = 20 * time.Second
	paceRate = 512              // bytes a second
	paceMost = 10 * time.Minute // for all of it
)

// A paced body has to keep coming.
type paced struct {
	io.ReadCloser
	c     *http.ResponseController
	begun time.Time
	most  time.Duration
	n     int64
}

// pace has the body of a request keep coming, whoever reads it.
func (s *Server) pace(w http.ResponseWriter, r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody || s.cfg.Wall == nil {
		return
	}
	p := &paced{ReadCloser: r.Body, c: http.NewResponseController(w), begun: s.cfg.Wall(), most: paceMost}
	p.wait()
	r.Body = p
}

// hurry has the body of a request be there whole after a time.
func hurry(r *http.Request, d time.Duration) {
	if p, ok := r.Body.(*paced); ok {
		p.most = d
	}
}

// wait sets the moment until which the next bytes are waited for. A writer that has no
// connection, as in a test, has none to set it on.
func (p *paced) wait() {
	d := min(p.most, paceFree+time.Duration(p.n)*time.Second/paceRate)
	_ = p.c.SetReadDeadline(p.begun.Add(d))
}

// Read reads what has come. A body that came too slowly ends with os.ErrDeadlineExceeded.
func (p *paced) Read(b []byte) (int, error) {
	p.wait()
	n, err := p.ReadCloser.Read(b)
	p.n += int64(n)
	if err == io.EOF {
		_ = p.c.SetReadDeadline(time.Time{}) // what takes long from here on is ours
	}
	return n, err
}
