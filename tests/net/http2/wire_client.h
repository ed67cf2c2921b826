// A client of HTTP/2 for tests: nghttp2 between bytes, without sockets. And frames made by hand, for peers that break
// the rules.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <nghttp2/nghttp2.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatepost::net::http2::testing {

struct Received {
  std::string status;
  std::vector<std::string> interim;
  std::map<std::string, std::string> headers;
  std::string body;
  bool closed = false;
  std::uint32_t error = 0;  // of the stream's end
};

class WireClient {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  explicit WireClient(std::optional<std::uint32_t> window = std::nullopt) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_http_messaging(option, 1);  // wrong requests may be sent
    if (window) nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_session_client_new2(&session_, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    std::vector<nghttp2_settings_entry> ours;
    if (window) ours.push_back({NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, *window});
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, ours.data(), ours.size());
  }
  ~WireClient() { nghttp2_session_del(session_); }
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  // `body`: none ends the stream with the head.
  enum class End { behind_body, never };
  std::int32_t request(std::string method, std::string path, Fields extra = {}, std::optional<std::string> body = {},
                       End end = End::behind_body) {
    Fields fields{{":method", method}, {":scheme", "https"}, {":authority", "host:1"}, {":path", path}};
    fields.insert(fields.end(), extra.begin(), extra.end());
    return submit(fields, std::move(body), end);
  }
  std::int32_t submit(const Fields& fields, std::optional<std::string> body = {}, End end = End::behind_body) {
    std::vector<nghttp2_nv> list;
    for (const auto& [name, value] : fields) {
      list.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    const bool with_body = body.has_value();
    bodies_.push_back(std::make_unique<Sending>(Sending{std::move(body).value_or(""), end}));
    nghttp2_data_provider provider{{.ptr = bodies_.back().get()}, on_read};
    return nghttp2_submit_request(session_, nullptr, list.data(), list.size(), with_body ? &provider : nullptr,
                                  nullptr);
  }
  void reset(std::int32_t stream) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL); }
  // Widens the window of a stream and of the connection, or of the connection alone (0).
  void allow(std::int32_t stream, std::int32_t more) {
    if (stream != 0) nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, stream, more);
    nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, 0, more);
  }

  std::string output() {
    std::string out;
    const std::uint8_t* piece = nullptr;
    for (ssize_t size; (size = nghttp2_session_mem_send(session_, &piece)) > 0;) {
      out.append(reinterpret_cast<const char*>(piece), static_cast<std::size_t>(size));
    }
    return out;
  }
  void feed(std::string_view in) {
    (void)nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(in.data()), in.size());
  }

  std::map<std::int32_t, Received> streams;
  std::optional<std::uint32_t> goaway;  // its error code
  std::map<std::uint16_t, std::uint32_t> settings;

 private:
  struct Sending {
    std::string rest;
    End end;
  };
  static std::uint8_t* bytes(const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  }
  static WireClient& of(void* user) { return *static_cast<WireClient*>(user); }

  static ssize_t on_read(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t most, std::uint32_t* flags,
                         nghttp2_data_source* source, void*) {
    auto& [rest, end] = *static_cast<Sending*>(source->ptr);
    if (rest.empty() && end == End::never) return NGHTTP2_ERR_DEFERRED;
    const std::size_t take = std::min(most, rest.size());
    std::copy_n(rest.data(), take, into);
    rest.erase(0, take);
    if (rest.empty() && end != End::never) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(take);
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    Received& got = of(user).streams[frame->hd.stream_id];
    std::string key(reinterpret_cast<const char*>(name), name_size);
    std::string text(reinterpret_cast<const char*>(value), value_size);
    if (key != ":status") {
      got.headers[key] = text;
    } else if (text[0] == '1') {
      got.interim.push_back(text);
    } else {
      got.status = text;
    }
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size,
                     void* user) {
    of(user).streams[id].body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
    of(user).streams[id].closed = true;
    of(user).streams[id].error = error;
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_GOAWAY) of(user).goaway = frame->goaway.error_code;
    if (frame->hd.type == NGHTTP2_SETTINGS && !(frame->hd.flags & NGHTTP2_FLAG_ACK)) {
      for (std::size_t i = 0; i < frame->settings.niv; ++i) {
        of(user).settings[static_cast<std::uint16_t>(frame->settings.iv[i].settings_id)] = frame->settings.iv[i].value;
      }
    }
    return 0;
  }

  nghttp2_session* session_ = nullptr;
  std::vector<std::unique_ptr<Sending>> bodies_;
};

// One frame, well-formed or not.
inline std::string frame(int type, int flags, std::uint32_t stream, std::string_view payload) {
  std::string out;
  for (int shift : {16, 8, 0}) out += static_cast<char>(payload.size() >> shift);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  for (int shift : {24, 16, 8, 0}) out += static_cast<char>(stream >> shift);
  out += payload;
  return out;
}

inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace gatepost::net::http2::testing
