package main

import (
	"context"
	"log"

	pluginregistration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

// The kubelet watches a folder for sockets that serve this, and asks what is there.
type kubeletRegistration struct {
	pluginregistration.UnimplementedRegistrationServer
	driver string
	socket string
}

func (r *kubeletRegistration) GetInfo(context.Context, *pluginregistration.InfoRequest) (*pluginregistration.PluginInfo, error) {
	return &pluginregistration.PluginInfo{Type: pluginregistration.CSIPlugin, Name: r.driver, Endpoint: r.socket, SupportedVersions: []string{"1.0.0"}}, nil
}

func (r *kubeletRegistration) NotifyRegistrationStatus(_ context.Context, status *pluginregistration.RegistrationStatus) (*pluginregistration.RegistrationStatusResponse, error) {
	if status.PluginRegistered {
		log.Print("the kubelet knows this driver")
	} else {
		log.Printf("the kubelet does not take this driver: %s", status.Error)
	}
	return &pluginregistration.RegistrationStatusResponse{}, nil
}
