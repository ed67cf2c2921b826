// Task<T>: a coroutine that may wait for bytes or time. All tasks of a program run on one event-loop thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace gatepost::net {

template <class T = void>
using Task = boost::asio::awaitable<T>;

// Deadlines are points of the monotonic clock, so that a jump of the wall clock changes nothing.
using SteadyTime = std::chrono::steady_clock::time_point;

}  // namespace gatepost::net
