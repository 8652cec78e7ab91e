// A Mercure hub on net/http, as its documentation shows it.
package main

import (
	"context"
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/dunglas/mercure"
)

func main() {
	ctx := context.Background()
	hub, err := mercure.NewHub(
		ctx,
		mercure.WithPublisherJWT([]byte(os.Args[2]), "HS256"),
		mercure.WithAnonymous(),
		mercure.WithLogger(slog.New(slog.DiscardHandler)),
	)
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/.well-known/mercure", hub)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
