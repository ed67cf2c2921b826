// Package api is a custom resource as an operator's author would write it: v1 is stored, v2 is converted to and from it.
package api
