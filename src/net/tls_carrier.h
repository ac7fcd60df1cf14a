// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// TlsCarrier: one WebSocket over one TLS stream over one TCP connection, from before it is
// connected until it is dropped. The only place that knows Beast, which the .cpp hides.
//
// Private to this folder.

#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "net/carrier.h"
#include "net/tls_context.h"
#include "net/tls_network.h"

namespace cercle::net {

class TlsCarrier : public Carrier {
  public:
    /// Held by its operations, hence shared.
    [[nodiscard]] static std::shared_ptr<TlsCarrier> over(boost::asio::ip::tcp::socket socket,
                                                          const TlsLimits& limits);

    /// For connecting; the TLS and WebSocket layers stand on it.
    [[nodiscard]] virtual boost::asio::ip::tcp::socket& socket() = 0;

    // TLS and the upgrade, on a connected socket. drop() ends them.
    // Errors: unreachable_peer, relay_key_mismatch, library_fault.

    [[nodiscard]] virtual Task<void> greet_as_server(ssl_ctx_st* context) = 0;
    [[nodiscard]] virtual Task<void> greet_as_client(ssl_ctx_st* context, RelayKey expected) = 0;

    /// Of a connection that has been greeted.
    [[nodiscard]] virtual const crypto::Digest& binding() const = 0;
    [[nodiscard]] virtual std::optional<RelayKey> successor() const = 0;
};

}  // namespace cercle::net
