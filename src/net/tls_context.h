// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// TlsContext: what both ends demand of TLS, said once. 1.3 only, X25519MLKEM768 only, Ed25519 only,
// ALPN "cercle/1", no tickets, no compression, no early data.
//
// Private to this folder.

#include <memory>
#include <optional>

#include "crypto/hash.h"
#include "net/server_identity.h"

struct ssl_ctx_st;
struct ssl_st;

namespace cercle::net {

struct TlsFree {
    void operator()(ssl_ctx_st* context) const;
    void operator()(ssl_st* session) const;
};

using TlsContext = std::unique_ptr<ssl_ctx_st, TlsFree>;
using TlsSession = std::unique_ptr<ssl_st, TlsFree>;

/// Whom a client wants to meet, and whether it met somebody else, or the successor.
struct PinnedKey {
    RelayKey expected;
    bool mismatch = false;
    std::optional<RelayKey> successor{};
};

/// The fingerprint of the key in a certificate of any profile (DER). Errors: certificate_invalid.
[[nodiscard]] Result<RelayKey> key_of_certificate(BytesView der);

// Errors: library_fault.
[[nodiscard]] Result<TlsContext> make_server_context(const ServerIdentity& identity);
[[nodiscard]] Result<TlsContext> make_client_context();

/// The two ends of a handshake to come. The pinned key outlives the session.
[[nodiscard]] Result<TlsSession> make_server_session(ssl_ctx_st* context);
[[nodiscard]] Result<TlsSession> make_client_session(ssl_ctx_st* context, PinnedKey& pinned);

/// What a finished handshake must have agreed on. Errors: unsupported.
[[nodiscard]] Result<void> check_agreement(ssl_st* session);

/// The exporter's value for the label "EXPORTER-Cercle-session-1". Errors: library_fault.
[[nodiscard]] Result<crypto::Digest> export_binding(ssl_st* session);

}  // namespace cercle::net
