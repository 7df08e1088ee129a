package witness

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/ledger"
)

// A Client asks a witness elsewhere for cosignatures. It is a node.Witness.
type Client struct {
	name string
	base string // its submission prefix, without a slash at the end
	http *http.Client

	mu   sync.Mutex
	last map[string]int64 // by origin: the size it cosigned last, as far as known here
}

var _ node.Witness = (*Client)(nil)

// NewClient returns a client of the witness that the policy calls name, at its submission
// prefix, such as https://witness.example/w1.
func NewClient(name, prefix string) (*Client, error) {
	u, err := url.Parse(prefix)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("witness %s: %q is not the address of one, such as https://witness.example/w1", name, prefix)
	}
	return &Client{
		name: name, base: strings.TrimRight(u.String(), "/"), last: map[string]int64{},
		http: &http.Client{
			Timeout:       30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Name returns how the policy calls the witness.
func (c *Client) Name() string { return c.name }

// Cosign returns the witness's signature lines over a checkpoint.
func (c *Client) Cosign(ctx context.Context, signed []byte, prove node.Prover) ([]byte, error) {
	cp, err := ledger.ParseCheckpoint(signed)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	old := min(c.last[cp.Origin], cp.Size)
	c.mu.Unlock()
	for range 3 { // what is known here of it may be old, and another may have asked meanwhile
		proof, err := prove(old)
		if err != nil {
			return nil, err
		}
		lines, known, err := c.add(ctx, ledger.AddCheckpoint{Old: old, Proof: proof, Checkpoint: signed})
		if err != nil {
			return nil, err
		}
		if lines != nil {
			c.remember(cp.Origin, cp.Size)
			return lines, nil
		}
		c.remember(cp.Origin, known)
		if known > cp.Size || known == old {
			return nil, &node.Ahead{Witness: c.name, Newest: c.shown(ctx, cp.Origin, known), Size: cp.Size}
		}
		old = known
	}
	return nil, errors.New("it says that it knows another size each time")
}

func (c *Client) remember(origin string, size int64) {
	c.mu.Lock()
	c.last[origin] = size
	c.mu.Unlock()
}

// Newest returns how far the witness knows the log of a checkpoint. One that knows nothing of
// it may cosign the checkpoint.
func (c *Client) Newest(ctx context.Context, signed []byte) (node.Newest, error) {
	cp, err := ledger.ParseCheckpoint(signed)
	if err != nil {
		return node.Newest{}, err
	}
	lines, known, err := c.add(ctx, ledger.AddCheckpoint{Checkpoint: signed})
	if err != nil {
		return node.Newest{}, err
	}
	if lines != nil {
		known = cp.Size
	}
	c.remember(cp.Origin, known)
	return c.shown(ctx, cp.Origin, known), nil
}

// shown returns what a witness knows of a log with the checkpoint it shows for it, if it does.
func (c *Client) shown(ctx context.Context, origin string, size int64) node.Newest {
	sum := sha256.Sum256([]byte(origin))
	known := node.Newest{Size: size}
	status, body, err := c.do(ctx, http.MethodGet, "/"+hex.EncodeToString(sum[:])+"/checkpoint", nil)
	if err == nil && status.code == http.StatusOK {
		if cp, err := ledger.ParseCheckpoint(body); err == nil {
			known.Size, known.Checkpoint = cp.Size, body
		}
	}
	return known
}

// add sends a request. lines is nil where the witness answers that it knows another size.
func (c *Client) add(ctx context.Context, a ledger.AddCheckpoint) (lines []byte, known int64, err error) {
	status, body, err := c.do(ctx, http.MethodPost, "/add-checkpoint", a.Text())
	if err != nil {
		return nil, 0, err
	}
	switch {
	case status.code == http.StatusOK && len(body) > 0:
		return body, 0, nil
	case status.code == http.StatusConflict && strings.HasPrefix(status.media, sizeType):
		n, err := strconv.ParseInt(strings.TrimSuffix(string(body), "\n"), 10, 64)
		if err != nil || n < 0 || n > ledger.MaxSize {
			return nil, 0, fmt.Errorf("%s: it knows the log to %.40q, which is no size", c.base, body)
		}
		return nil, n, nil
	}
	return nil, 0, fmt.Errorf("%s answered %d: %.200q", c.base, status.code, body)
}

// An answered is the head of an answer.
type answered struct {
	code  int
	media string
}

func (c *Client) do(ctx context.Context, method, path string, body []byte) (answered, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return answered{}, nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answered{}, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, ledger.MaxCheckpoint+1))
	if err == nil && len(b) > ledger.MaxCheckpoint {
		err = fmt.Errorf("%s answered more than %d bytes", c.base, ledger.MaxCheckpoint)
	}
	return answered{resp.StatusCode, resp.Header.Get("Content-Type")}, b, err
}
