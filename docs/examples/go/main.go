// Prints the likes of a video as they come, with Go's standard library alone.
//
//	go run docs/examples/go/main.go http://localhost:8080 video:42
//
// It reconnects after whatever happened and continues with the id of the last event, so it misses
// nothing. For a server with tokens set TOKEN.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	silence     = 30 * time.Second // a ping comes every 10 s
	longestWait = 30 * time.Second
	longestLine = 1 << 20
)

type event struct {
	name, data, id string
}

type viewer struct {
	address, lastID string
	retry           time.Duration
}

// open reads one stream until it ends, and reports whether the server refused it for good.
func (v *viewer) open(show func(event)) (refused bool, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.address, nil)
	if err != nil {
		return true, err
	}
	if v.lastID != "" {
		request.Header.Set("Last-Event-ID", v.lastID)
	}
	if token := os.Getenv("TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	watchdog := time.AfterFunc(silence, cancel)
	defer watchdog.Stop()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, longestLine))
		isFinal := response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests
		return isFinal, fmt.Errorf("%s %s", response.Status, body)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, longestLine)
	current := event{name: "message"}
	for lines.Scan() {
		watchdog.Reset(silence)
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			current.name = value
		case "data":
			current.data = value // one line in this protocol
		case "id":
			current.id = value
		case "retry":
			if ms, err := strconv.Atoi(value); err == nil && ms > 0 {
				v.retry = time.Duration(ms) * time.Millisecond
			}
		case "":
			show(current)
			// The id is that of what was handled, so it is kept afterwards.
			if current.id != "" {
				v.lastID = current.id
			}
			current = event{name: "message"}
		}
	}
	return false, lines.Err()
}

func main() {
	server, channel := "http://localhost:8080", "video:42"
	if len(os.Args) == 3 {
		server, channel = os.Args[1], os.Args[2]
	}
	query := url.Values{"channel": {channel}, "events": {"likes"}}
	v := &viewer{address: server + "/stream?" + query.Encode(), retry: 2 * time.Second}
	failures := 0
	show := func(e event) {
		failures = 0
		var fields struct{ Total, New int }
		if e.name != "snapshot" && e.name != "likes" {
			return
		}
		if err := json.Unmarshal([]byte(e.data), &fields); err == nil {
			fmt.Println(e.name, fields.Total, fields.New)
		}
	}
	for {
		refused, err := v.open(show)
		if refused {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		wait := v.retry << failures
		if wait > longestWait {
			wait = longestWait
		} else {
			failures++
		}
		time.Sleep(time.Duration(float64(wait) * (0.5 + rand.Float64()/2)))
	}
}
