package main

import (
	"context"
	"errors"

	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
)

// sealingSecret is the name under which node.db keeps the secret of a sealing key. Replaced keys
// are kept: what was sealed to them may still be on its way.
func sealingSecret(recipient string) string { return "sealing " + recipient }

// sealingSecrets reads the secrets of sealing keys where node.db keeps them.
func sealingSecrets(side store.Side) server.Secrets {
	return func(ctx context.Context, recipient string) (string, error) {
		b, err := side.Secret(ctx, sealingSecret(recipient))
		if errors.Is(err, store.ErrAbsent) {
			return "", nil
		}
		return string(b), err
	}
}
