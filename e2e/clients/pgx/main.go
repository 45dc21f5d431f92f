// Connect with pgx, write and read, and print what was read and whether the session is encrypted.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5"
)

func main() {
	log.SetFlags(0)
	if err := run(context.Background(), os.Getenv("DATABASE_URL")); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, uri string) error {
	conn, err := pgx.Connect(ctx, uri)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)

	if _, err := conn.Exec(ctx, "drop table if exists from_pgx; create table from_pgx (n int)"); err != nil {
		return err
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"from_pgx"}, []string{"n"}, pgx.CopyFromRows([][]any{{int32(1)}, {int32(2)}, {int32(3)}})); err != nil {
		return err
	}
	rows, err := conn.Query(ctx, "select n from from_pgx where n < $1 order by n", 10)
	if err != nil {
		return err
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		return err
	}
	for _, n := range numbers {
		fmt.Print(n, " ")
	}

	var isEncrypted bool
	if err := conn.QueryRow(ctx, "select ssl from pg_stat_ssl where pid = pg_backend_pid()").Scan(&isEncrypted); err != nil {
		return err
	}
	if isEncrypted {
		fmt.Println("TLS")
	} else {
		fmt.Println("plain")
	}
	return nil
}
