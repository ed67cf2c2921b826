package clients

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"gatepost.test/clients/api"
)

func widget(namespace, name string, spec api.WidgetSpec) *api.Widget {
	return &api.Widget{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: spec}
}

func TestWebhooksDefaultAndRefuse(t *testing.T) {
	namespace := newNamespace(t)
	plain := widget(namespace, "plain", api.WidgetSpec{Size: 1})
	must(t, k8s.Create(ctx, plain))
	if plain.Spec.Color != "grey" {
		t.Fatalf("not defaulted: %+v", plain.Spec)
	}
	err := k8s.Create(ctx, widget(namespace, "invisible", api.WidgetSpec{Color: "invisible"}))
	if err == nil || err.Error() != `admission webhook "vwidget.test.gatepost.dev" denied the request: nobody could see it` {
		t.Fatalf("the validating webhook says: %v", err)
	}
	err = k8s.Create(ctx, widget(namespace, "negative", api.WidgetSpec{Size: -1}))
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "should be greater than or equal to 0") {
		t.Fatalf("the schema says: %v", err)
	}
	plain.Annotations = map[string]string{"keep": "yes"}
	eventually(t, func() error {
		var fresh api.Widget
		if err := k8s.Get(ctx, client.ObjectKeyFromObject(plain), &fresh); err != nil {
			return err
		}
		fresh.Annotations = plain.Annotations
		return k8s.Update(ctx, &fresh)
	})
	if err = k8s.Delete(ctx, plain); !apierrors.IsForbidden(err) {
		t.Fatalf("deletion of what is to be kept: %v", err)
	}
}

func TestConversionWebhook(t *testing.T) {
	namespace := newNamespace(t)
	must(t, k8s.Create(ctx, widget(namespace, "w", api.WidgetSpec{Size: 7, Color: "red"})))
	var converted api.WidgetV2
	key := client.ObjectKey{Namespace: namespace, Name: "w"}
	must(t, k8s.Get(ctx, key, &converted))
	if converted.Spec.Dimensions.Size != 7 || converted.Spec.Color != "red" {
		t.Fatalf("as v2: %+v", converted)
	}
	eventually(t, func() error {
		must(t, k8s.Get(ctx, key, &converted))
		converted.Spec.Dimensions.Size = 8
		return k8s.Update(ctx, &converted)
	})
	var stored api.Widget
	must(t, k8s.Get(ctx, key, &stored))
	if stored.Spec.Size != 8 {
		t.Fatalf("as v1: %+v", stored.Spec)
	}
	// The webhooks are for v1; a request of v2 meets them converted.
	err := k8s.Create(ctx, &api.WidgetV2{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "x"}, Spec: api.WidgetV2Spec{Color: "invisible"}})
	if err == nil || !strings.Contains(err.Error(), "nobody could see it") {
		t.Fatalf("a v2 object passes the webhooks of v1: %v", err)
	}
	plain := &api.WidgetV2{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "y"}, Spec: api.WidgetV2Spec{Dimensions: api.Dimensions{Size: 3}}}
	must(t, k8s.Create(ctx, plain))
	if plain.Spec.Color != "grey" || plain.Spec.Dimensions.Size != 3 {
		t.Fatalf("a v2 object after the webhooks of v1: %+v", plain.Spec)
	}
	var list api.WidgetV2List
	must(t, k8s.List(ctx, &list, client.InNamespace(namespace)))
	if len(list.Items) != 2 || list.Items[0].Spec.Dimensions.Size != 8 {
		t.Fatalf("list as v2: %+v", list.Items)
	}
}

func TestManagerReconciles(t *testing.T) {
	namespace := newNamespace(t)
	made := widget(namespace, "w", api.WidgetSpec{Size: 2, Color: "blue"})
	must(t, k8s.Create(ctx, made))
	key := client.ObjectKeyFromObject(made)
	companionHas := func(color string) error {
		var companion corev1.ConfigMap
		if err := k8s.Get(ctx, key, &companion); err != nil {
			return err
		}
		if companion.Data["color"] != color || !metav1.IsControlledBy(&companion, made) {
			return fmt.Errorf("the ConfigMap is %v of %v", companion.Data, companion.OwnerReferences)
		}
		return nil
	}
	eventually(t, func() error { return companionHas("blue") })
	eventually(t, func() error {
		must(t, k8s.Get(ctx, key, made))
		if !made.Status.Ready {
			return errors.New("the status is not set")
		}
		return nil
	})
	must(t, k8s.Patch(ctx, made, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"color":"green"}}`))))
	eventually(t, func() error { return companionHas("green") })
	must(t, k8s.Delete(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "w"}}))
	eventually(t, func() error { return companionHas("green") })
}

func TestUsersHaveTheirRights(t *testing.T) {
	user, err := environment.AddUser(envtest.User{Name: "jane", Groups: []string{"readers"}}, &rest.Config{})
	must(t, err)
	jane, err := client.New(user.Config(), client.Options{Scheme: scheme})
	must(t, err)
	err = jane.List(ctx, &corev1.SecretList{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `User "jane" cannot list resource "secrets"`) {
		t.Fatalf("without rights: %v", err)
	}
}

func TestServiceAccountTokens(t *testing.T) {
	namespace := newNamespace(t)
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "robot"}}
	must(t, k8s.Create(ctx, account))
	request := &authenticationv1.TokenRequest{}
	must(t, k8s.SubResource("token").Create(ctx, account, request))
	as := rest.AnonymousClientConfig(config)
	as.BearerToken = request.Status.Token
	robot, err := client.New(as, client.Options{Scheme: scheme})
	must(t, err)
	review := &authenticationv1.SelfSubjectReview{}
	must(t, robot.Create(ctx, review))
	if want := "system:serviceaccount:" + namespace + ":robot"; review.Status.UserInfo.Username != want {
		t.Fatalf("the token is of %q, not %q", review.Status.UserInfo.Username, want)
	}
	must(t, k8s.Delete(ctx, account))
	eventually(t, func() error {
		if err := robot.Create(ctx, &authenticationv1.SelfSubjectReview{}); !apierrors.IsUnauthorized(err) {
			return fmt.Errorf("the token of a deleted account: %v", err)
		}
		return nil
	})
}
