// Command echo is a peer for the bench `get`: what one would write in Go with Echo, a JWT middleware and pgx. It reads
// one row of the control plane's store per request and answers the same body as GET /api/databases/{name}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/labstack/echo/v4"
)

type endpoint struct {
	Host string `json:"host"`
	Port int    `json:"port"`
	TLS  bool   `json:"tls"`
}

type member struct {
	Name     string `json:"name"`
	Role     string `json:"role"`
	Phase    string `json:"phase"`
	LagBytes *int64 `json:"lagBytes"`
}

// What the engine saw last, as the store keeps it.
type observed struct {
	ServerVersion    *string   `json:"serverVersion"`
	Members          []member  `json:"members"`
	Endpoint         *endpoint `json:"endpoint"`
	StorageUsedBytes *int64    `json:"storageUsedBytes"`
	Connections      *int64    `json:"connections"`
	PendingRestart   []string  `json:"pendingRestart"`
}

type database struct {
	ID                 string            `json:"id"`
	Name               string            `json:"name"`
	Project            string            `json:"project"`
	Location           string            `json:"location"`
	ManagedBy          string            `json:"managedBy"`
	Labels             map[string]string `json:"labels"`
	Version            int               `json:"version"`
	ServerVersion      *string           `json:"serverVersion"`
	Instances          int               `json:"instances"`
	StorageGib         int               `json:"storageGib"`
	CPU                float64           `json:"cpu"`
	MemoryMib          int               `json:"memoryMib"`
	Durability         string            `json:"durability"`
	Parameters         map[string]string `json:"parameters"`
	Extensions         []string          `json:"extensions"`
	AllowedCidrs       []string          `json:"allowedCidrs"`
	DeletionProtection bool              `json:"deletionProtection"`
	Phase              string            `json:"phase"`
	Reason             string            `json:"reason"`
	Message            string            `json:"message"`
	Since              time.Time         `json:"since"`
	AllowedActions     []string          `json:"allowedActions"`
	PendingRestart     []string          `json:"pendingRestart"`
	Members            []member          `json:"members"`
	Endpoint           *endpoint         `json:"endpoint"`
	StorageUsedBytes   *int64            `json:"storageUsedBytes"`
	Connections        *int64            `json:"connections"`
	Operation          *string           `json:"operation"`
	CreatedAt          time.Time         `json:"createdAt"`
	UpdatedAt          time.Time         `json:"updatedAt"`
	Generation         int               `json:"generation"`
}

const query = `select id::text, name, location, managed_by, labels, version, instances, storage_gib, cpu, memory_mib,
  durability, parameters, extensions, allowed_cidrs, deletion_protection, phase, reason, message, since, observed,
  operation_id::text, created_at, updated_at, generation
from databases where project_id = $1 and name = $2`

var actionsOfReady = []string{"update", "restart", "hibernate", "rotate-credentials", "manage", "delete"}

func read(ctx context.Context, pool *pgxpool.Pool, project, name string) (*database, error) {
	d := database{Project: "default", AllowedActions: actionsOfReady}
	var seen observed
	err := pool.QueryRow(ctx, query, project, name).Scan(
		&d.ID, &d.Name, &d.Location, &d.ManagedBy, &d.Labels, &d.Version, &d.Instances, &d.StorageGib, &d.CPU, &d.MemoryMib,
		&d.Durability, &d.Parameters, &d.Extensions, &d.AllowedCidrs, &d.DeletionProtection, &d.Phase, &d.Reason, &d.Message, &d.Since, &seen,
		&d.Operation, &d.CreatedAt, &d.UpdatedAt, &d.Generation)
	if err != nil {
		return nil, err
	}
	d.ServerVersion, d.Members, d.Endpoint = seen.ServerVersion, seen.Members, seen.Endpoint
	d.StorageUsedBytes, d.Connections, d.PendingRestart = seen.StorageUsedBytes, seen.Connections, seen.PendingRestart
	if d.Endpoint != nil {
		d.Endpoint.TLS = true
	}
	return &d, nil
}

func run() error {
	// The bench sends them, so that no secret stands in the arguments or the environment.
	var settings struct{ DSN, Secret string }
	if err := json.NewDecoder(os.Stdin).Decode(&settings); err != nil {
		return err
	}
	config, err := pgxpool.ParseConfig(settings.DSN)
	if err != nil {
		return err
	}
	config.MaxConns = 10
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(echojwt.WithConfig(echojwt.Config{SigningKey: []byte(settings.Secret), SigningMethod: "HS256"}))
	e.GET("/api/databases/:name", func(c echo.Context) error {
		claims := c.Get("user").(*jwt.Token).Claims.(jwt.MapClaims)
		found, err := read(c.Request().Context(), pool, claims["pid"].(string), c.Param("name"))
		if errors.Is(err, pgx.ErrNoRows) {
			return echo.ErrNotFound
		}
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, found)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	return http.Serve(listener, e)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
