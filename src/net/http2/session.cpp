#include "net/http2/session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nghttp2/nghttp2.h>
#include <unordered_map>

#include "net/url.h"

namespace gatepost::net::http2 {
namespace {

constexpr std::size_t kFieldOverhead = 32;   // RFC 9113 section 6.5.2: what a field counts beside its bytes
constexpr std::size_t kTypicalFields = 320;  // Go's server tells clients so much more than it is set to
constexpr std::size_t kKeptReserve = 64u << 10;

std::string_view text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// Fields that say something of an HTTP/1.1 connection, and those the server itself writes.
bool of_the_connection(std::string_view name) {
  for (std::string_view one :
       {"Connection", "Content-Length", "Transfer-Encoding", "Keep-Alive", "Proxy-Connection", "Upgrade"}) {
    if (http::equal_fold(name, one)) return true;
  }
  return false;
}

std::uint32_t code(Session::Why why) {
  switch (why) {
    case Session::Why::stopping:
      return NGHTTP2_NO_ERROR;
    case Session::Why::canceled:
      return NGHTTP2_CANCEL;
    case Session::Why::internal_error:
      return NGHTTP2_INTERNAL_ERROR;
    case Session::Why::calm_down:
      return NGHTTP2_ENHANCE_YOUR_CALM;
  }
  return NGHTTP2_INTERNAL_ERROR;
}

// The fields of one head as nghttp2 takes them: names in small letters, all text in one place.
class Fields {
 public:
  explicit Fields(std::size_t bytes) { text_.reserve(bytes); }
  void add(std::string_view name, std::string_view value) {
    const std::size_t at = text_.size();
    for (char c : name) text_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    text_ += value;
    auto* bytes = reinterpret_cast<std::uint8_t*>(text_.data() + at);
    list_.push_back({bytes, bytes + name.size(), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  const nghttp2_nv* data() const { return list_.data(); }
  std::size_t size() const { return list_.size(); }

 private:
  std::string text_;  // never grows beyond what was reserved, so that the list's pointers hold
  std::vector<nghttp2_nv> list_;
};

struct Stream {
  StreamId id = 0;
  http::Request request;
  bool has_authority = false;
  std::size_t header_bytes = 0;
  bool head_too_large = false;
  bool handed_over = false;  // its call was made
  bool reading = true;       // the client has not ended its side
  std::size_t dropped = 0;   // of its body, behind its call
  SteadyTime begun{};
  std::string_view pending;  // of the answer's body
  bool last = false;         // nothing follows `pending`
};

}  // namespace

struct Session::Impl {
  Impl(const Limits& with, Events to, std::string& out) : limits(with), events(std::move(to)), output(out) {}
  ~Impl() { nghttp2_session_del(session); }

  Stream* find(StreamId id) {
    auto at = streams.find(id);
    return at == streams.end() ? nullptr : at->second.get();
  }

  // The request's head is read; the whole request is.
  void head_read(Stream& stream) {
    if (stream.head_too_large) {
      hand_over(stream, Call::Verdict::head_too_large);
    } else if (stream.request.headers.has_token("Expect", "100-continue")) {
      proceed(stream);
    }
  }
  // The interim answer that a client with a body may wait for.
  void proceed(const Stream& stream) {
    Fields fields(16);
    fields.add(":status", "100");
    nghttp2_submit_headers(session, NGHTTP2_FLAG_NONE, stream.id, nullptr, fields.data(), fields.size(), nullptr);
  }
  void request_read(Stream& stream) {
    stop_reading(stream);
    if (stream.handed_over) return;
    const http::Request& request = stream.request;
    if (request.method == "CONNECT" ? request.target.empty() : !url::valid_request_uri(request.target)) {
      reset(stream.id, NGHTTP2_PROTOCOL_ERROR);
      return;
    }
    hand_over(stream, Call::Verdict::whole);
  }
  void hand_over(Stream& stream, Call::Verdict verdict) {
    if (stream.handed_over) return;
    stream.handed_over = true;
    waiting_bytes -= stream.request.body.size();
    calls.push_back({stream.id, verdict, std::move(stream.request)});
  }
  void stop_reading(Stream& stream) {
    if (std::exchange(stream.reading, false)) --incomplete;
  }

  void field(Stream& stream, std::string_view name, std::string_view value) {
    http::Request& request = stream.request;
    stream.header_bytes += name.size() + value.size() + kFieldOverhead;
    if (stream.header_bytes > limits.header_bytes) {
      stream.head_too_large = true;
    } else if (name == ":method") {
      request.method = value;
    } else if (name == ":path") {
      request.target = value;
    } else if (name == ":authority") {
      stream.has_authority = true;
      request.headers.add("Host", value);
    } else if (name[0] != ':' && !(stream.has_authority && name == "host")) {
      request.headers.add(name, value);
    }
  }

  void body(Stream& stream, std::string_view bytes) {
    if (stream.handed_over) {
      // Answered before its end. Many clients write all before they read, so the rest is taken and dropped, but not
      // for ever; as from Go's server, the client is then told without an error that nobody wants more.
      stream.dropped += bytes.size();
      if (stream.dropped > limits.body_bytes) reset(stream.id, NGHTTP2_NO_ERROR);
      return;
    }
    std::string& into = stream.request.body;
    if (into.size() + bytes.size() > limits.body_bytes) {
      hand_over(stream, Call::Verdict::body_too_large);
      return;
    }
    if (waiting_bytes + bytes.size() > limits.waiting_body_bytes) {
      reset(stream.id, NGHTTP2_ENHANCE_YOUR_CALM);
      return;
    }
    waiting_bytes += bytes.size();
    into += bytes;
  }

  void reset(StreamId id, std::uint32_t error) { nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, error); }

  const Limits& limits;
  Events events;
  std::string& output;
  nghttp2_session* session = nullptr;
  std::unordered_map<StreamId, std::unique_ptr<Stream>> streams;
  std::vector<Call> calls;
  std::size_t incomplete = 0;     // requests whose end has not come
  std::size_t waiting_bytes = 0;  // of the bodies of those not handed over
  SteadyTime now{};
  bool ending = false;  // GOAWAY was said
};

namespace {

Session::Impl& impl_of(void* user) {
  return *static_cast<Session::Impl*>(user);
}

int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
  if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  auto& impl = impl_of(user);
  auto stream = std::make_unique<Stream>();
  stream->id = frame->hd.stream_id;
  stream->begun = impl.now;
  nghttp2_session_set_stream_user_data(session, stream->id, stream.get());
  ++impl.incomplete;
  impl.streams[stream->id] = std::move(stream);
  return 0;
}

int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
              const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
  auto* stream = static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
  if (!stream) return 0;
  if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
    impl_of(user).field(*stream, text(name, name_size), text(value, value_size));
    return 0;
  }
  // Trailers are read and dropped, within the same bound.
  stream->header_bytes += name_size + value_size + kFieldOverhead;
  return stream->header_bytes > impl_of(user).limits.header_bytes ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : 0;
}

int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
  if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
  auto* stream = static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
  if (!stream) return 0;
  if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) impl_of(user).head_read(*stream);
  if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) impl_of(user).request_read(*stream);
  return 0;
}

int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size,
            void* user) {
  auto* stream = static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
  if (stream) impl_of(user).body(*stream, text(bytes, size));
  return 0;
}

int on_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user) {
  auto& impl = impl_of(user);
  Stream* stream = impl.find(id);
  if (!stream) return 0;
  impl.stop_reading(*stream);
  if (!stream->handed_over) impl.waiting_bytes -= stream->request.body.size();
  impl.streams.erase(id);
  impl.events.closed(id);
  return 0;
}

ssize_t on_send(nghttp2_session*, const std::uint8_t* bytes, std::size_t size, int, void* user) {
  auto& impl = impl_of(user);
  if (impl.output.size() >= impl.limits.output_bytes) return NGHTTP2_ERR_WOULDBLOCK;
  impl.output += text(bytes, size);
  return static_cast<ssize_t>(size);
}

// How much of the body goes into the next frame; its bytes are taken from where they lie, in on_send_data.
ssize_t on_read_body(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t most, std::uint32_t* flags,
                     nghttp2_data_source* source, void*) {
  auto& stream = *static_cast<Stream*>(source->ptr);
  const std::size_t take = std::min(most, stream.pending.size());
  if (take == 0 && !stream.last) return NGHTTP2_ERR_DEFERRED;
  if (take > 0) *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (take == stream.pending.size() && stream.last) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(take);
}

int on_send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head, std::size_t size,
                 nghttp2_data_source* source, void* user) {
  auto& impl = impl_of(user);
  auto& stream = *static_cast<Stream*>(source->ptr);
  if (impl.output.size() >= impl.limits.output_bytes) return NGHTTP2_ERR_WOULDBLOCK;
  impl.output += text(head, 9);  // a frame's head; we pad nothing
  impl.output += stream.pending.substr(0, size);
  stream.pending.remove_prefix(size);
  if (stream.pending.empty()) impl.events.drained(stream.id);
  return 0;
}

}  // namespace

Session::Session(Limits limits, Events events)
    : limits_(limits), impl_(std::make_unique<Impl>(limits_, std::move(events), output_)) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  nghttp2_session_callbacks_set_send_callback(callbacks, on_send);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, on_send_data);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_closed_streams(option, 1);  // priorities of RFC 7540 are not kept
  nghttp2_session_server_new2(&impl_->session, callbacks, impl_.get(), option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);

  const std::array<nghttp2_settings_entry, 3> settings{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.header_bytes + kTypicalFields)},
  }};
  nghttp2_submit_settings(impl_->session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(impl_->session, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<std::int32_t>(limits.connection_window));
}

Session::~Session() = default;

bool Session::feed(std::string_view bytes, SteadyTime now) {
  impl_->now = now;
  const auto taken =
      nghttp2_session_mem_recv(impl_->session, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken >= 0) return true;
  // Beyond repair: no HTTP/2 at all, or a flood (of what must be answered, or of the pieces of one head).
  if (taken != NGHTTP2_ERR_BAD_CLIENT_MAGIC) end(Why::calm_down);
  return false;
}

std::vector<Call> Session::take_calls() {
  return std::exchange(impl_->calls, {});
}

bool Session::respond(StreamId id, const Head& head) {
  Stream* stream = impl_->find(id);
  if (!stream) return false;
  const std::string status = std::to_string(head.status);
  char length[24];
  const std::size_t length_size =
      head.length ? static_cast<std::size_t>(std::to_chars(length, length + sizeof length, *head.length).ptr - length)
                  : 0;
  std::size_t bytes = 64 + sizeof length + head.date.size();
  for (auto [name, value] : *head.headers) bytes += name.size() + value.size();
  Fields fields(bytes);
  fields.add(":status", status);
  for (auto [name, value] : *head.headers) {
    if (!of_the_connection(name)) fields.add(name, value);
  }
  if (head.length) fields.add("content-length", {length, length_size});
  if (!head.headers->has("Date")) fields.add("date", head.date);
  if (head.headers->has_token("Connection", "close")) end(Why::stopping);
  nghttp2_data_provider body{{.ptr = stream}, on_read_body};
  return nghttp2_submit_response(impl_->session, id, fields.data(), fields.size(),
                                 head.body == Body::follows ? &body : nullptr) == 0;
}

void Session::offer(StreamId id, std::string_view piece, Last last) {
  Stream* stream = impl_->find(id);
  if (!stream) return;
  stream->pending = piece;
  stream->last = last == Last::yes;
  nghttp2_session_resume_data(impl_->session, id);
}

bool Session::has(StreamId id) const {
  return impl_->find(id) != nullptr;
}

void Session::reset(StreamId id, Why why) {
  impl_->reset(id, code(why));
}

bool Session::pump() {
  return nghttp2_session_send(impl_->session) == 0;
}

void Session::give_back_output(std::string used) {
  used.clear();
  if (output_.empty() && used.capacity() <= kKeptReserve) output_.swap(used);
}

void Session::end(Why why) {
  if (why != Why::stopping) {
    nghttp2_session_terminate_session(impl_->session, code(why));
    return;
  }
  if (std::exchange(impl_->ending, true)) return;
  nghttp2_submit_goaway(impl_->session, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(impl_->session),
                        code(why), nullptr, 0);
}

bool Session::finished() const {
  return output_.empty() && !nghttp2_session_want_read(impl_->session) && !nghttp2_session_want_write(impl_->session);
}

std::size_t Session::streams() const {
  return impl_->streams.size();
}

std::optional<SteadyTime> Session::oldest_begun() const {
  if (impl_->incomplete == 0) return std::nullopt;
  std::optional<SteadyTime> oldest;
  for (const auto& [id, stream] : impl_->streams) {
    if (stream->reading && (!oldest || stream->begun < *oldest)) oldest = stream->begun;
  }
  return oldest;
}

void Session::reset_begun_before(SteadyTime time) {
  for (const auto& [id, stream] : impl_->streams) {
    if (stream->reading && stream->begun <= time) reset(id, stream->handed_over ? Why::stopping : Why::canceled);
  }
}

}  // namespace gatepost::net::http2
