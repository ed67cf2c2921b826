#include "kube/protobuf/decode.h"

#include <gtest/gtest.h>

#include "json/write.h"

namespace gatepost::kube::protobuf {
namespace {

// A message being written: what Go's generated Marshal does.
class Message {
 public:
  Message& number(std::uint32_t field, std::uint64_t value) {
    varint(field << 3);
    return varint(value);
  }
  Message& text(std::uint32_t field, std::string_view bytes) {
    varint(field << 3 | 2);
    varint(bytes.size());
    bytes_ += bytes;
    return *this;
  }
  Message& message(std::uint32_t field, const Message& inner) { return text(field, inner.bytes_); }
  Message& fixed64(std::uint32_t field, std::uint64_t value) {
    varint(field << 3 | 1);
    for (int i = 0; i < 8; ++i) bytes_ += static_cast<char>(value >> (8 * i));
    return *this;
  }
  Message& varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

std::string decoded(const Message& message, const GroupVersionKind& kind) {
  auto arena = json::make_arena();
  auto value = decode(message.bytes(), kind, arena);
  return value ? json::write(*value) : "error: " + value.error().text;
}

Message named(std::string_view name) {
  return Message().text(1, name).text(2, "").text(3, "");
}

TEST(ProtobufDecode, EachTypeOfField) {
  struct Row {
    std::string_view what;
    GroupVersionKind kind;
    Message message;
    std::string_view json;
  };
  const Message meta = named("a");
  const Row rows[] = {
      {"texts, zero values left out",
       {"", "v1", "ConfigMap"},
       Message().message(1, meta),
       R"({"metadata":{"name":"a"}})"},
      {"map of texts",
       {"", "v1", "ConfigMap"},
       Message().message(2, Message().text(1, "k").text(2, "v")).message(2, Message().text(1, "l").text(2, "")),
       R"({"data":{"k":"v","l":""}})"},
      {"map of bytes",
       {"", "v1", "Secret"},
       Message().message(2, Message().text(1, "k").text(2, "v")),
       R"({"data":{"k":"dg=="}})"},
      {"pointer to false stays", {"", "v1", "ConfigMap"}, Message().number(4, 0), R"({"immutable":false})"},
      {"list of texts",
       {"", "v1", "Namespace"},
       Message().message(2, Message().text(1, "kubernetes")),
       R"({"spec":{"finalizers":["kubernetes"]}})"},
      {"number, int-or-string, enum",
       {"", "v1", "Service"},
       Message().message(2,
                         Message()
                             .message(1, Message().text(1, "").text(2, "TCP").number(3, 443).message(
                                             4, Message().number(1, 1).number(2, 0).text(3, "https")))
                             .message(1, Message().number(3, 80).message(4, Message().number(1, 0).number(2, 8080)))),
       R"({"spec":{"ports":[{"protocol":"TCP","port":443,"targetPort":"https"},{"port":80,"targetPort":8080}]}})"},
      {"a message embedded in Go's struct",
       {"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration"},
       Message().message(2, Message().text(1, "w").message(
                                3, Message().text(1, "CREATE").message(2, Message().text(1, "").text(3, "pods")))),
       R"({"webhooks":[{"name":"w","rules":[{"operations":["CREATE"],"apiGroups":[""],"resources":["pods"]}]}]})"},
      {"quantity and time",
       {"", "v1", "PersistentVolumeClaim"},
       Message()
           .message(1, Message().message(8, Message().number(1, 1764064800).number(2, 0)))
           .message(2, Message().message(
                           2, Message().message(2, Message().text(1, "storage").message(2, Message().text(1, "1Gi"))))),
       R"({"metadata":{"creationTimestamp":"2025-11-25T10:00:00Z"},"spec":{"resources":{"requests":{"storage":"1Gi"}}}})"},
      {"micro time",
       {"coordination.k8s.io", "v1", "Lease"},
       Message().message(2, Message().message(3, Message().number(1, 1764064800).number(2, 5000))),
       R"({"spec":{"acquireTime":"2025-11-25T10:00:00.000005Z"}})"},
      {"negative number",
       {"", "v1", "Pod"},
       Message().message(2, Message().number(25, static_cast<std::uint64_t>(-5))),
       R"({"spec":{"priority":-5}})"},
      {"list of numbers, packed or not",
       {"", "v1", "Pod"},
       Message().message(2, Message().message(14, Message().number(4, 7).text(4, "\x08\x09"))),
       R"({"spec":{"securityContext":{"supplementalGroups":[7,8,9]}}})"},
      {"a list in a message of its own",
       {"authorization.k8s.io", "v1", "SubjectAccessReview"},
       Message().message(2,
                         Message().message(5, Message().text(1, "k").message(2, Message().text(1, "a").text(1, "b")))),
       R"({"spec":{"extra":{"k":["a","b"]}}})"},
      {"JSON inside",
       {"apps", "v1", "ControllerRevision"},
       Message().message(2, Message().text(1, R"({"a":[1]})")),
       R"({"data":{"a":[1]}})"},
      {"a text sent as a number is empty",
       {"", "v1", "ConfigMap"},
       Message().message(2, Message().number(1, 7)),
       R"({"data":{"":""}})"},
      {"unknown fields of every wire type are skipped",
       {"", "v1", "ConfigMap"},
       Message().number(90, 1).text(91, "x").fixed64(92, 1).message(1, meta),
       R"({"metadata":{"name":"a"}})"},
  };
  for (const Row& row : rows) EXPECT_EQ(decoded(row.message, row.kind), row.json) << row.what;
}

TEST(ProtobufDecode, SchemasOfCustomResources) {
  Message none = Message().number(1, 0);
  Message schema =
      Message().text(5, "array").message(24, Message().message(1, Message().text(5, "string"))).message(33, none);
  Message version = Message().message(4, Message().message(1, schema));
  EXPECT_EQ(decoded(Message().message(2, Message().message(7, version)),
                    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition"}),
            R"({"spec":{"versions":[{"schema":{"openAPIV3Schema":{"type":"array","items":{"type":"string"},)"
            R"("additionalItems":false}}}]}})");
}

TEST(ProtobufDecode, BrokenMessagesSayWhy) {
  struct Row {
    std::string_view bytes, error;
  };
  constexpr Row rows[] = {
      {"\x0a\x05"
       "ab",
       "error: unexpected EOF"},
      {"\x0a", "error: unexpected EOF"},
      {"\x80", "error: unexpected EOF"},
      {"\x02\x01", "error: proto: illegal tag 0 (wire type 2)"},
      {"\x0b", "error: proto: illegal wireType 3"},
      {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "error: proto: integer overflow"},
  };
  for (const Row& row : rows) {
    auto value = decode(row.bytes, {"", "v1", "ConfigMap"}, json::make_arena());
    EXPECT_EQ(value ? json::write(*value) : "error: " + value.error().text, row.error);
  }
}

TEST(ProtobufDecode, NestingIsBounded) {
  Message schema;
  for (int i = 0; i < 200; ++i) schema = Message().message(28, schema);  // not
  Message version = Message().message(4, Message().message(1, schema));
  EXPECT_EQ(decoded(Message().message(2, Message().message(7, version)),
                    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition"}),
            "error: proto: message nested too deeply");
}

TEST(ProtobufEnvelope, HoldsTypeAndMessage) {
  std::string body("k8s\0", 4);
  body += Message().message(1, Message().text(1, "v1").text(2, "ConfigMap")).text(2, "raw").text(3, "").bytes();
  auto envelope = open_envelope(body);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->api_version, "v1");
  EXPECT_EQ(envelope->kind, "ConfigMap");
  EXPECT_EQ(envelope->raw, "raw");
}

TEST(ProtobufEnvelope, WhatIsNoneSaysSo) {
  EXPECT_EQ(open_envelope("").error().text, "empty data");
  EXPECT_EQ(open_envelope("{}").error().text,
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
}

}  // namespace
}  // namespace gatepost::kube::protobuf
