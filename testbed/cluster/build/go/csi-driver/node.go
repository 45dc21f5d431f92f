package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"strings"
	"syscall"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type nodeService struct {
	csi.UnimplementedNodeServer
	name    string
	volumes *store
}

func (n *nodeService) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: n.name}, nil
}

// Nothing is done once for a whole node, and nothing where a volume grows.
func (n *nodeService) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

func (n *nodeService) NodePublishVolume(_ context.Context, req *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	target := req.GetTargetPath()
	volume, err := n.volumes.read(req.GetVolumeId())
	if err != nil {
		return nil, err
	}
	if volume == nil {
		return nil, status.Errorf(codes.NotFound, "there is no volume %q", req.GetVolumeId())
	}
	// The kubelet makes what is above it, and repeats calls whose answer it did not hear.
	if err := os.Mkdir(target, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	mounted, err := isMounted(target)
	if err != nil {
		return nil, err
	}
	if !mounted {
		if err := syscall.Mount(n.volumes.content(volume.ID), target, "", syscall.MS_BIND, ""); err != nil {
			return nil, err
		}
	}
	if req.GetReadonly() {
		if err := syscall.Mount("", target, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			return nil, err
		}
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

func (n *nodeService) NodeUnpublishVolume(_ context.Context, req *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	target := req.GetTargetPath()
	mounted, err := isMounted(target)
	if err != nil {
		return nil, err
	}
	if mounted {
		if err := syscall.Unmount(target, 0); err != nil {
			return nil, err
		}
	}
	// Only an empty folder: never what is in a volume.
	if err := os.Remove(target); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

// A bind mount cannot be told by its device number, so the list of mounts is asked.
func isMounted(path string) (bool, error) {
	mounts, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return false, err
	}
	defer mounts.Close()
	lines := bufio.NewScanner(mounts)
	for lines.Scan() {
		// ID, parent, device, root, mount point
		if fields := strings.Fields(lines.Text()); len(fields) > 4 && fields[4] == path {
			return true, nil
		}
	}
	return false, lines.Err()
}
