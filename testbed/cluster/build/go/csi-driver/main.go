// The bed's CSI driver: volumes are folders below one folder that all nodes see, so any pod may use any volume on any node,
// as with storage of a network. It snapshots, clones and enlarges them.
//
// One process beside the API server serves the controllers; one in each node, which has also a --registration, serves its kubelet.
package main

import (
	"flag"
	"log"
	"net"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	pluginregistration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

func main() {
	driver := flag.String("driver", "", "name of the driver")
	folder := flag.String("folder", "", "where volumes and snapshots are")
	socket := flag.String("socket", "", "path of the socket to serve on")
	node := flag.String("node", "", "name of the node that this is on")
	registration := flag.String("registration", "", "path of the socket by which the kubelet finds the other one")
	flag.Parse()

	volumes, err := newStore(filepath.Join(*folder, "volumes"))
	if err != nil {
		log.Fatal(err)
	}
	snapshots, err := newStore(filepath.Join(*folder, "snapshots"))
	if err != nil {
		log.Fatal(err)
	}

	server := grpc.NewServer()
	csi.RegisterIdentityServer(server, &identity{driver: *driver})
	csi.RegisterControllerServer(server, &controller{volumes: volumes, snapshots: snapshots})
	csi.RegisterNodeServer(server, &nodeService{name: *node, volumes: volumes})
	listener := listen(*socket)
	if *registration != "" {
		// After the other listens: the kubelet calls it as soon as it sees this one.
		registrar := grpc.NewServer()
		pluginregistration.RegisterRegistrationServer(registrar, &kubeletRegistration{driver: *driver, socket: *socket})
		listener := listen(*registration)
		go func() { log.Fatal(registrar.Serve(listener)) }()
	}
	log.Fatal(server.Serve(listener))
}

// A socket is still there after its process was killed.
func listen(path string) net.Listener {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		log.Fatal(err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		log.Fatal(err)
	}
	return listener
}
