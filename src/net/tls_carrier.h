// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// TlsCarrier: one WebSocket over one TLS stream over one TCP connection, from before it is greeted
// until it is dropped. Who calls is carried by Beast (tls_carrier.cpp); who is called, of whom
// there are thousands, by less (tls_server_carrier.cpp). Nobody else knows Beast, which the .cpp
// hide.
//
// Private to this folder.

#include <memory>
#include <optional>

#include <boost/asio/ip/tcp.hpp>

#include "net/carrier.h"
#include "net/tls_context.h"
#include "net/tls_network.h"

namespace cercle::net {

class TlsCarrier : public Carrier {
  public:
    /// Of a connection that has been greeted.
    [[nodiscard]] virtual const crypto::Digest& binding() const = 0;
};

// Both are held by their operations, hence shared. drop() ends a greeting: TLS and the upgrade.

class CallingCarrier : public TlsCarrier {
  public:
    [[nodiscard]] static std::shared_ptr<CallingCarrier> over(boost::asio::ip::tcp::socket socket,
                                                              const TlsLimits& limits);

    /// For connecting; the TLS and WebSocket layers stand on it.
    [[nodiscard]] virtual boost::asio::ip::tcp::socket& socket() = 0;

    /// On a connected socket. Errors: unreachable_peer, relay_key_mismatch, library_fault.
    [[nodiscard]] virtual Task<void> greet(ssl_ctx_st* context, RelayKey expected) = 0;

    /// Of a connection that has been greeted.
    [[nodiscard]] virtual std::optional<RelayKey> successor() const = 0;
};

class CalledCarrier : public TlsCarrier {
  public:
    [[nodiscard]] static std::shared_ptr<CalledCarrier> over(boost::asio::ip::tcp::socket socket,
                                                             const TlsLimits& limits);

    /// Errors: unreachable_peer, library_fault.
    [[nodiscard]] virtual Task<void> greet(ssl_ctx_st* context) = 0;
};

}  // namespace cercle::net
