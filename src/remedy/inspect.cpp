#include "remedy/inspect.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <iterator>

#include "base/base64.h"
#include "base/files.h"
#include "diagnose/direct_call.h"
#include "net/tcp.h"
#include "remedy/object.h"
#include "remedy/trust.h"
#include "x509/hostname.h"
#include "x509/pool.h"
#include "x509/text.h"
#include "x509/verify.h"

namespace gatepost::remedy {
namespace {

constexpr std::size_t largest_file = 4u << 20;
constexpr auto dial_patience = std::chrono::seconds(5);
constexpr auto soon = std::chrono::hours(24 * 14);

std::vector<x509::CertificatePtr> certificates_of(const std::string& pem) {
  x509::Pool pool;
  pool.add_pem(pem);
  return pool.certificates();
}

void add(std::vector<Inspected>& out, std::string source, Inspected::Role role, const std::string& pem,
         std::string authority_pem = "") {
  Inspected one;
  one.source = std::move(source);
  one.role = role;
  one.certificates = certificates_of(pem);
  one.authority_pem = std::move(authority_pem);
  if (!one.certificates.empty()) out.push_back(std::move(one));
}

// "validatingwebhookconfiguration" and its plural and short forms; empty for other words.
std::string configuration_kind(std::string_view word) {
  for (const char* kind : {"Validating", "Mutating"}) {
    std::string lower = kind;
    lower[0] = static_cast<char>(lower[0] + ('a' - 'A'));
    if (word == lower + "webhookconfiguration" || word == lower + "webhookconfigurations")
      return std::string(kind) + "WebhookConfiguration";
  }
  return "";
}

void read_secret(const json::Value& secret, const std::string& source, std::vector<Inspected>& out) {
  const std::string ca = secret_bytes(secret, "ca.crt");
  const json::Object* data = json::object_at(secret, {"data"});
  if (!data) return;
  for (const auto& [key, value] : *data) {
    const std::string_view name(key);
    if (name.find("key") != std::string_view::npos || !value.is_string()) continue;
    const bool serving = name == "tls.crt" || name == "cert.pem" || name == "tls.pem";
    add(out, fmt::format("{} {}", source, name), serving ? Inspected::Role::serving : Inspected::Role::authority,
        secret_bytes(secret, name), serving ? ca : "");
  }
}

void read_configuration(const json::Value& configuration, const std::string& source, std::vector<Inspected>& out) {
  const json::Array* hooks = json::array_at(configuration, {"webhooks"});
  for (std::size_t i = 0; hooks && i < hooks->size(); ++i)
    add(out, fmt::format("{} {}", source, json::string_at((*hooks)[i], {"name"})), Inspected::Role::authority,
        bundle_of((*hooks)[i]));
}

std::string names_of(const x509::Certificate& certificate) {
  std::string out;
  for (const std::string& name : certificate.dns_names) out += (out.empty() ? "" : ", ") + name;
  for (const std::string& ip : certificate.ip_addresses) out += (out.empty() ? "" : ", ") + x509::ip_text(ip);
  return out;
}

}  // namespace

SourceKind kind_of_source(const std::string& source) {
  const std::string word = source.substr(0, source.find('/'));
  if (source.find('/') != std::string::npos &&
      (word == "secret" || word == "secrets" || !configuration_kind(word).empty()))
    return SourceKind::cluster;
  std::error_code error;
  const std::size_t colon = source.rfind(':');
  const bool port = colon != std::string::npos && colon + 1 < source.size() &&
                    source.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  return port && !std::filesystem::exists(source, error) ? SourceKind::address : SourceKind::file;
}

Result<std::vector<Inspected>> inspect_file(std::string path) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
    if (text.size() > largest_file) return fail("-: larger than 4 MiB");
  } else {
    auto read = files::read(path, largest_file);
    if (!read) return fail_with(std::move(read.error()));
    text = std::move(*read);
  }
  std::vector<Inspected> out;
  add(out, path, Inspected::Role::authority, text);
  if (out.empty()) {
    // A caBundle as it is in a configuration.
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    if (auto bytes = base64::decode(text)) add(out, path + " (base64)", Inspected::Role::authority, *bytes);
  }
  if (out.empty()) return fail(path + ": no PEM certificate in it");
  const x509::Certificate& first = *out.front().certificates.front();
  if (!first.is_ca && first.has_san) out.front().role = Inspected::Role::serving;
  return out;
}

net::Task<Result<std::vector<Inspected>>> inspect_address(std::string address, std::string name) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  const std::string port = address.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  diagnose::DirectCall call;
  call.address = address;
  call.url = "https://" + address + "/";
  call.server_name = name;
  call.patience = dial_patience;
  call.handshake_patience = dial_patience;
  call.dial = [host, port](std::string, std::string,
                           net::SteadyTime deadline) -> net::Task<net::NetResult<std::unique_ptr<net::ByteStream>>> {
    return net::tcp::dial(host, port, deadline);
  };
  const auto answer = co_await diagnose::call_directly(std::move(call));
  Inspected one;
  one.source = address;
  one.role = Inspected::Role::serving;
  for (const std::string& der : answer.served)
    if (auto parsed = x509::parse_certificate(der)) one.certificates.push_back(std::move(*parsed));
  if (one.certificates.empty())
    co_return fail(address + ": no certificate was served: " + (answer.failure.empty() ? "no TLS" : answer.failure));
  std::vector<Inspected> out;
  out.push_back(std::move(one));
  co_return out;
}

net::Task<Result<std::vector<Inspected>>> inspect_object(client::Rest* rest, std::string source) {
  const std::size_t slash = source.find('/');
  const std::string word = source.substr(0, slash);
  const std::string name = source.substr(slash + 1);
  ObjectRef ref{"admissionregistration.k8s.io/v1", configuration_kind(word), "", name};
  if (ref.kind.empty()) {
    const std::size_t second = name.find('/');
    if (second == std::string::npos)
      ref = {"v1", "Secret", rest->connection().ns, name};
    else
      ref = {"v1", "Secret", name.substr(0, second), name.substr(second + 1)};
  }
  auto reply = co_await rest->call("GET", path_of(ref));
  if (!reply) co_return fail_with(std::move(reply.error()));
  if (reply->status != 200) co_return fail(source + ": " + reply->text);
  std::vector<Inspected> out;
  if (ref.kind == "Secret")
    read_secret(reply->body, source, out);
  else
    read_configuration(reply->body, source, out);
  if (out.empty()) co_return fail(source + ": no certificate in it");
  co_return out;
}

void judge(Inspected& one, const std::string& name, WallTime now) {
  for (const auto& certificate : one.certificates) {
    if (WallTime(certificate->not_after) <= now)
      one.problems.push_back(certificate->subject.text() + " expired at " + x509::date_text(certificate->not_after));
    else if (WallTime(certificate->not_after) <= now + soon)
      one.problems.push_back(certificate->subject.text() + " expires soon, at " +
                             x509::date_text(certificate->not_after));
    if (WallTime(certificate->not_before) > now)
      one.problems.push_back(certificate->subject.text() + " is not valid before " +
                             x509::date_text(certificate->not_before));
  }
  if (one.role != Inspected::Role::serving || one.certificates.empty()) return;
  const x509::Certificate& leaf = *one.certificates.front();
  if (!leaf.has_san) one.problems.push_back("no subject alternative name: the API server accepts no such certificate");
  if (name.empty() && one.authority_pem.empty()) return;
  std::vector<std::string> chain;
  for (const auto& certificate : one.certificates) chain.push_back(certificate->der);
  // Without a CA beside it the names alone are judged: the chain's last certificate counts as its own root.
  x509::Pool roots;
  if (!one.authority_pem.empty())
    roots.add_pem(one.authority_pem);
  else
    roots.add(one.certificates.back());
  if (auto good = x509::verify_peer(chain, &roots, {.name = name, .now = now}); !good)
    one.problems.push_back(good.error().text);
}

std::string inspected_text(const Inspected& one) {
  std::string out = one.source + "\n";
  for (const auto& certificate : one.certificates) {
    out += fmt::format("  subject     {}\n  issuer      {}\n", certificate->subject.text(), certificate->issuer.text());
    if (const std::string names = names_of(*certificate); !names.empty()) out += "  names       " + names + "\n";
    out += fmt::format("  valid       {} to {}\n  authority   {}\n  sha256      {}\n",
                       x509::date_text(certificate->not_before), x509::date_text(certificate->not_after),
                       certificate->is_ca ? "yes" : "no", certificate->sha256_fingerprint());
    out += "\n";
  }
  for (const std::string& problem : one.problems) out += "  problem: " + problem + "\n";
  return out;
}

json::Value inspected_json(const std::vector<Inspected>& all) {
  json::Array sources;
  for (const Inspected& one : all) {
    json::Object source;
    source["source"] = one.source;
    source["role"] = one.role == Inspected::Role::serving ? "serving" : "authority";
    json::Array certificates, problems;
    for (const auto& certificate : one.certificates) {
      json::Object object;
      object["subject"] = certificate->subject.text();
      object["issuer"] = certificate->issuer.text();
      json::Array names;
      for (const std::string& name : certificate->dns_names) names.emplace_back(name);
      for (const std::string& ip : certificate->ip_addresses) names.emplace_back(x509::ip_text(ip));
      object["names"] = std::move(names);
      object["notBefore"] = x509::date_text(certificate->not_before);
      object["notAfter"] = x509::date_text(certificate->not_after);
      object["isCA"] = certificate->is_ca;
      object["sha256"] = certificate->sha256_fingerprint();
      certificates.emplace_back(std::move(object));
    }
    for (const std::string& problem : one.problems) problems.emplace_back(problem);
    source["certificates"] = std::move(certificates);
    source["problems"] = std::move(problems);
    sources.emplace_back(std::move(source));
  }
  json::Object out;
  out["schema"] = "gatepost.dev/v1";
  out["command"] = "certs";
  json::Object summary;
  summary["sources"] = all.size();
  out["summary"] = std::move(summary);
  out["findings"] = json::Array();
  out["sources"] = std::move(sources);
  return json::Value(std::move(out));
}

}  // namespace gatepost::remedy
