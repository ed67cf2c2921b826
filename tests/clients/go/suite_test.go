// Package clients runs unmodified Go clients against the server: controller-runtime through envtest, and client-go.
package clients

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"gatepost.test/clients/api"
)

var (
	environment *envtest.Environment
	config      *rest.Config
	scheme      = runtime.NewScheme()
	k8s         client.Client
	ctx         context.Context
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	var cancel context.CancelFunc
	ctx, cancel = context.WithCancel(context.Background())
	log.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	if err = errors.Join(clientgoscheme.AddToScheme(scheme), api.AddToScheme(scheme)); err != nil {
		return 1, err
	}
	environment = &envtest.Environment{
		Scheme:                scheme,
		CRDDirectoryPaths:     []string{filepath.Join("config", "crd")},
		ErrorIfCRDPathMissing: true,
		WebhookInstallOptions: envtest.WebhookInstallOptions{Paths: []string{filepath.Join("config", "webhook")}},
	}
	began := time.Now()
	if config, err = environment.Start(); err != nil {
		return 1, fmt.Errorf("envtest does not start: %w", err)
	}
	fmt.Printf("envtest: started, definitions and webhooks installed in %d ms\n", time.Since(began).Milliseconds())
	defer func() {
		cancel()
		if stopped := environment.Stop(); stopped != nil {
			code, err = 1, stopped
		}
	}()
	if k8s, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return 1, err
	}
	manager, err := newManager()
	if err != nil {
		return 1, err
	}
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	select {
	case <-manager.Elected():
	case err = <-ended:
		return 1, err
	}
	if err = waitFor(func() error { return manager.GetWebhookServer().StartedChecker()(nil) }); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

func newManager() (ctrl.Manager, error) {
	hooks := environment.WebhookInstallOptions
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                  scheme,
		Metrics:                 metricsserver.Options{BindAddress: "0"},
		LeaderElection:          true,
		LeaderElectionID:        "widgets.test.gatepost.dev",
		LeaderElectionNamespace: "default",
		WebhookServer:           webhook.NewServer(webhook.Options{Host: hooks.LocalServingHost, Port: hooks.LocalServingPort, CertDir: hooks.LocalServingCertDir}),
	})
	if err != nil {
		return nil, err
	}
	return manager, errors.Join(
		ctrl.NewControllerManagedBy(manager).For(&api.Widget{}).Owns(&corev1.ConfigMap{}).Complete(&reconciler{manager.GetClient(), scheme}),
		ctrl.NewWebhookManagedBy(manager, &api.Widget{}).WithDefaulter(&defaulter{}).WithValidator(&validator{}).Complete())
}

// reconciler keeps a ConfigMap beside each widget, and tells in the status when it is there.
type reconciler struct {
	client.Client
	scheme *runtime.Scheme
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var widget api.Widget
	if err := r.Get(ctx, request.NamespacedName, &widget); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	companion := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: widget.Name, Namespace: widget.Namespace}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, companion, func() error {
		companion.Data = map[string]string{"color": widget.Spec.Color, "size": fmt.Sprint(widget.Spec.Size)}
		return controllerutil.SetControllerReference(&widget, companion, r.scheme)
	})
	if err != nil || widget.Status.Ready {
		return ctrl.Result{}, err
	}
	widget.Status.Ready = true
	return ctrl.Result{}, r.Status().Update(ctx, &widget)
}

type defaulter struct{}

func (*defaulter) Default(_ context.Context, widget *api.Widget) error {
	if widget.Spec.Color == "" {
		widget.Spec.Color = "grey"
	}
	return nil
}

type validator struct{}

func (*validator) ValidateCreate(_ context.Context, widget *api.Widget) (admission.Warnings, error) {
	if widget.Spec.Color == "invisible" {
		return nil, errors.New("nobody could see it")
	}
	if widget.Spec.Size > 100 {
		return admission.Warnings{"this widget is large"}, nil
	}
	return nil, nil
}

func (v *validator) ValidateUpdate(ctx context.Context, _, widget *api.Widget) (admission.Warnings, error) {
	return v.ValidateCreate(ctx, widget)
}

func (*validator) ValidateDelete(_ context.Context, widget *api.Widget) (admission.Warnings, error) {
	if widget.Annotations["keep"] != "" {
		return nil, apierrors.NewForbidden(api.V1.WithResource("widgets").GroupResource(), widget.Name, errors.New("it is to be kept"))
	}
	return nil, nil
}

// waitFor repeats `check` until it has nothing to complain of.
func waitFor(check func() error) error {
	var last error
	for until := time.Now().Add(15 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if last = check(); last == nil {
			return nil
		}
	}
	return last
}

func eventually(t *testing.T, check func() error) {
	t.Helper()
	if err := waitFor(check); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newNamespace is one of the test's own.
func newNamespace(t *testing.T) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "t-"}}
	must(t, k8s.Create(ctx, namespace))
	return namespace.Name
}
