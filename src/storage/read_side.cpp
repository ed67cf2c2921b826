#include "storage/read_side.h"

namespace gatepost::storage {
namespace {

Object object_of(std::string_view collection, std::string_view key, const Record& record) {
  return {{std::string(collection), std::string(namespace_of(key)), std::string(name_of(key))},
          record.bytes,
          record.revision,
          record.create_revision};
}

std::string describe(const Key& key) {
  return key.collection + " " + (key.ns.empty() ? "" : key.ns + "/") + key.name;
}

}  // namespace

Bytes share(std::string text) {
  if (text.capacity() - text.size() > text.size() / 16 + 32) text.shrink_to_fit();
  return std::make_shared<const std::string>(std::move(text));
}

const KeyIndex* ReadSide::index(std::string_view collection) const {
  const auto found = collections_.find(collection);
  return found == collections_.end() ? nullptr : &found->second;
}

const Record* ReadSide::find(const Key& key) const {
  const KeyIndex* in = index(key.collection);
  return in ? in->find(compose_key(key.ns, key.name)) : nullptr;
}

std::optional<Object> ReadSide::get(const Key& key) const {
  const Record* record = find(key);
  if (!record) return std::nullopt;
  return Object{key, record->bytes, record->revision, record->create_revision};
}

Page ReadSide::list(std::string_view collection, const ListOptions& options) const {
  Page page;
  page.revision = revision();
  const KeyIndex* in = index(collection);
  if (!in) return page;
  std::string start = compose_key(options.ns, "");
  if (!options.after_ns.empty() || !options.after_name.empty()) {
    // A NUL byte more makes the least key behind the one named.
    start = std::max(start, compose_key(options.after_ns, options.after_name) + '\0');
  }
  // All keys of a namespace begin with its name and a NUL byte; \x01 in its place is behind them all.
  const auto end = in->lower_bound(options.ns.empty() ? std::string("\xff") : options.ns + '\x01');
  auto at = in->lower_bound(start);
  const std::size_t available = at.valid() ? in->distance(at, end) : 0;
  const std::size_t wanted = options.limit == 0 ? available : std::min(available, options.limit);
  page.objects.reserve(wanted);
  for (std::size_t i = 0; i < wanted; ++i, at.advance()) {
    page.objects.push_back(object_of(collection, at.key(), at.record()));
  }
  page.remaining = available - wanted;
  page.more = page.remaining > 0;
  return page;
}

std::size_t ReadSide::count(std::string_view collection) const {
  const KeyIndex* in = index(collection);
  return in ? in->size() : 0;
}

StoreResult<std::unique_ptr<Watch>> ReadSide::watch(std::string collection, std::string ns, Revision from) {
  return hub_.watch(std::move(collection), std::move(ns), from);
}

Subscription ReadSide::on_change(std::string collection, std::function<void(const Event&)> listener) {
  auto made = std::make_shared<const Listener>(Listener{std::move(collection), std::move(listener)});
  listeners_.push_back(made);
  return Subscription(std::move(made));
}

// By index: a listener may add another one, or end one.
void ReadSide::tell_listeners(const Event& event) {
  bool some_ended = false;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    const auto listener = listeners_[i].lock();
    if (!listener) {
      some_ended = true;
    } else if (listener->collection.empty() || listener->collection == event.object.key.collection) {
      listener->call(event);
    }
  }
  if (some_ended) std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
}

void ReadSide::load(Object object) {
  collections_[object.key.collection].put(compose_key(object.key.ns, object.key.name),
                                          {std::move(object.bytes), object.revision, object.create_revision});
}

void ReadSide::each(const std::function<void(const Object&)>& visit) const {
  for (const auto& [collection, in] : collections_) {
    for (auto at = in.lower_bound(""); at.valid(); at.advance()) visit(object_of(collection, at.key(), at.record()));
  }
}

void ReadSide::apply(const Change& change) {
  const Object& object = change.object;
  KeyIndex& in = collections_[object.key.collection];
  const std::string key = compose_key(object.key.ns, object.key.name);
  Event event{change.type, object, nullptr};
  if (const Record* before = in.find(key)) event.previous = before->bytes;
  if (change.type == EventType::removed) {
    in.erase(key);
  } else {
    in.put(key, {object.bytes, object.revision, object.create_revision});
  }
  tell_listeners(event);
  hub_.publish(event);
}

StoreResult<void> ReadSide::check_create(const Key& key) const {
  auto current = get(key);
  if (!current) return {};
  return fail_with(Error{ErrorKind::exists, describe(key) + " exists", std::move(current)});
}

StoreResult<void> ReadSide::check_change(const Key& key, Revision expected) const {
  const Record* record = find(key);
  if (!record) return fail_with(Error{ErrorKind::not_found, describe(key) + " does not exist"});
  if (record->revision == expected) return {};
  return fail_with(
      Error{ErrorKind::conflict,
            describe(key) + " is at revision " + std::to_string(record->revision) + ", not " + std::to_string(expected),
            get(key)});
}

}  // namespace gatepost::storage
