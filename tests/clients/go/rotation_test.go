package clients

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"gatepost.test/clients/api"
)

// authority makes certificates as an operator that rotates its own does.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	certificate, err := x509.ParseCertificate(der)
	must(t, err)
	return &authority{certificate, key}
}

// issue writes tls.crt and tls.key for the host, the key first, as one rename each.
func (a *authority) issue(t *testing.T, directory, host string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "webhooks"}, IPAddresses: []net.IP{net.ParseIP(host)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	must(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	for name, block := range map[string]*pem.Block{"tls.key": {Type: "PRIVATE KEY", Bytes: keyDER}, "tls.crt": {Type: "CERTIFICATE", Bytes: der}} {
		next := filepath.Join(directory, name+".next")
		must(t, os.WriteFile(next, pem.EncodeToMemory(block), 0o600))
		must(t, os.Rename(next, filepath.Join(directory, name)))
	}
}

func setBundle(t *testing.T, bundle []byte) {
	t.Helper()
	var configuration admissionv1.ValidatingWebhookConfiguration
	eventually(t, func() error {
		must(t, k8s.Get(ctx, client.ObjectKey{Name: "widget-checks"}, &configuration))
		for i := range configuration.Webhooks {
			configuration.Webhooks[i].ClientConfig.CABundle = bundle
		}
		return k8s.Update(ctx, &configuration)
	})
	var mutating admissionv1.MutatingWebhookConfiguration
	eventually(t, func() error {
		must(t, k8s.Get(ctx, client.ObjectKey{Name: "widget-defaults"}, &mutating))
		for i := range mutating.Webhooks {
			mutating.Webhooks[i].ClientConfig.CABundle = bundle
		}
		return k8s.Update(ctx, &mutating)
	})
}

// An operator that replaces its authority: both are believed, then the certificate changes, then the old one goes. No
// write may fail on the way.
func TestCertificateRotation(t *testing.T) {
	namespace := newNamespace(t)
	hooks := environment.WebhookInstallOptions
	written := 0
	write := func(when string) {
		t.Helper()
		written++
		if err := k8s.Create(ctx, widget(namespace, fmt.Sprintf("w%d", written), api.WidgetSpec{})); err != nil {
			t.Fatalf("%s: %v", when, err)
		}
	}
	write("before")
	old, next := hooks.LocalServingCAData, newAuthority(t, "next")
	defer func() { setBundle(t, next.pem()) }()
	setBundle(t, append(append([]byte{}, old...), next.pem()...))
	write("with both authorities")
	next.issue(t, hooks.LocalServingCertDir, hooks.LocalServingHost)
	eventually(t, func() error {
		write("while the certificate changes")
		connection, err := tls.Dial("tcp", net.JoinHostPort(hooks.LocalServingHost, fmt.Sprint(hooks.LocalServingPort)), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			return err
		}
		defer connection.Close()
		if issuer := connection.ConnectionState().PeerCertificates[0].Issuer.CommonName; issuer != "next" {
			return fmt.Errorf("the webhook still serves a certificate of %q", issuer)
		}
		return nil
	})
	write("with the new certificate")
	setBundle(t, next.pem())
	write("with the new authority alone")
	// Definitions carry a bundle of their own, for conversion.
	must(t, setConversionBundle(next.pem()))
	var converted api.WidgetV2
	must(t, k8s.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "w1"}, &converted))
}
