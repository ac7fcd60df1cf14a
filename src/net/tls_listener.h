// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The server's side of TlsNetwork: who connects is greeted, many at once, and handed out when all
// handshakes are done. A stranger who is slow, wrong or silent costs his own connection only.
//
// Private to this folder.

#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "net/tls_context.h"
#include "net/tls_network.h"

namespace cercle::net {

[[nodiscard]] std::unique_ptr<Listener> listen_on(Loop& loop,
                                                  boost::asio::ip::tcp::acceptor acceptor,
                                                  TlsContext context,
                                                  const TlsLimits& limits);

}  // namespace cercle::net
