// Clock says what time it is, in the zones it is given.
package main

import (
	"fmt"
	"os"
	"time"

	// A scratch image has no zones of its own.
	_ "time/tzdata"
)

func main() {
	zones := os.Args[1:]
	if len(zones) == 0 {
		zones = []string{"UTC"}
	}
	for _, zone := range zones {
		location, err := time.LoadLocation(zone)
		if err != nil {
			fmt.Fprintf(os.Stderr, "clock: %v\n", err)
			os.Exit(1)
		}
		fmt.Printf("%-24s %s\n", zone, time.Now().In(location).Format(time.RFC1123))
	}
}
