// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What Beast asks of a stream beyond reading and writing; it finds these by their arguments.
//
// Private to this folder.

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>

#include "net/tls_stream.h"

namespace cercle::net {

inline void beast_close_socket(TlsStream& stream) {
    stream.close();
}

template <class Token>
void async_teardown(boost::beast::role_type /*role*/, TlsStream& stream, Token&& done) {
    stream.say_goodbye();
    boost::asio::post(stream.get_executor(), [done = std::forward<Token>(done)]() mutable {
        std::move(done)(boost::system::error_code{});
    });
}

}  // namespace cercle::net
