// Any bytes as what etcd says: answers of its gateway, keys and values. What is served of a value stays JSON, with the
// revision in it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "json/parse.h"
#include "storage/etcd/address.h"
#include "storage/etcd/messages.h"
#include "storage/etcd/stored_form.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatepost;
  using namespace gatepost::storage::etcd;
  if (size > 4000) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)parse_range_reply(text);
  (void)parse_put_reply(text);
  (void)parse_txn_reply(text);
  (void)parse_watch_reply(text);
  (void)refusal_text(text);
  (void)parse_address(text);
  (void)parse_address("etcd://" + text);
  if (auto key = parse_key("/registry", text); key && key_for("/registry", *key) != text) std::abort();
  auto served = with_revision(text, 17);
  if (!served) return 0;
  auto parsed = json::parse(*served, json::make_arena());
  if (!parsed) std::abort();
  auto again = with_revision(*served, 17);
  if (!again || *again != *served) std::abort();
  return 0;
}
