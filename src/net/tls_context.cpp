// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/tls_context.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "crypto/hash.h"
#include "net/succession.h"

namespace cercle::net {
namespace {

constexpr std::array<std::uint8_t, 9> alpn = {8, 'c', 'e', 'r', 'c', 'l', 'e', '/', '1'};
constexpr std::string_view alpn_name = "cercle/1";
constexpr std::string_view binding_label = "EXPORTER-Cercle-session-1";
constexpr const char* only_group = "X25519MLKEM768";
constexpr const char* only_signature = "ed25519";
constexpr const char* ciphers = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

std::unexpected<Error> fault() {
    ERR_clear_error();
    return fail(Code::library_fault, "libssl refuses what we ask of it");
}

Result<TlsContext> demand(TlsContext context) {
    SSL_CTX* const raw = context.get();
    const bool taken = raw != nullptr && SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION) == 1 &&
                       SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION) == 1 &&
                       SSL_CTX_set1_groups_list(raw, only_group) == 1 &&
                       SSL_CTX_set1_sigalgs_list(raw, only_signature) == 1 &&
                       SSL_CTX_set_ciphersuites(raw, ciphers) == 1 &&
                       SSL_CTX_set_num_tickets(raw, 0) == 1;
    if (!taken) return fault();
    SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    // RELEASE_BUFFERS is what makes an idle connection cheap; read-ahead saves a system call a
    // record.
    SSL_CTX_set_mode(raw,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(raw, 1);
    return context;
}

int choose_protocol(SSL* /*session*/,
                    const unsigned char** chosen,
                    unsigned char* chosen_size,
                    const unsigned char* offered,
                    unsigned int offered_size,
                    void* /*nothing*/) {
    unsigned char* out = nullptr;
    const int found =
        SSL_select_next_proto(&out, chosen_size, alpn.data(), alpn.size(), offered, offered_size);
    *chosen = out;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<RelayKey> fingerprint(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size <= 0) return fault();
    const RelayKey key{crypto::sha256(BytesView(der, static_cast<std::size_t>(size)))};
    OPENSSL_free(der);
    return key;
}

/// What the server has sent, its own certificate first.
std::vector<Bytes> all_shown(const STACK_OF(X509) * sent) {
    std::vector<Bytes> shown;
    for (int at = 0; at < sk_X509_num(sent); ++at) {
        unsigned char* der = nullptr;
        const int size = i2d_X509(sk_X509_value(sent, at), &der);
        if (size <= 0) return {};
        shown.emplace_back(der, der + size);
        OPENSSL_free(der);
    }
    return shown;
}

struct CertificateFree {
    void operator()(X509* certificate) const { X509_free(certificate); }
};

using CertificateHandle = std::unique_ptr<X509, CertificateFree>;

/// Nothing if it is none, or more than one.
CertificateHandle parsed(BytesView der) {
    const unsigned char* at = der.data();
    CertificateHandle certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    ERR_clear_error();
    if (certificate != nullptr && at != der.data() + der.size()) certificate.reset();
    return certificate;
}

/// All that a certificate has to show is the right key: that its holder signed this very handshake
/// is TLS's own business.
int verify_pinned(X509_STORE_CTX* store, void* /*nothing*/) {
    const auto* const session =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* const pinned = static_cast<PinnedKey*>(SSL_get_app_data(session));
    X509* const certificate = X509_STORE_CTX_get0_cert(store);
    if (pinned == nullptr || certificate == nullptr) return 0;
    const auto key = fingerprint(certificate);
    bool met = key && *key == pinned->expected;
    if (!met) {
        const auto followed =
            follow_succession(all_shown(X509_STORE_CTX_get0_untrusted(store)), pinned->expected);
        // The key whose holder signs this handshake is the one that the chain has led to.
        met = key && followed.has_value() && *followed == *key;
        if (met) pinned->successor = *key;
    }
    if (met) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    pinned->mismatch = true;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
    return 0;
}

}  // namespace

void TlsFree::operator()(ssl_ctx_st* context) const {
    SSL_CTX_free(context);
}

void TlsFree::operator()(ssl_st* session) const {
    SSL_free(session);
}

Result<RelayKey> key_of_certificate(BytesView der) {
    const CertificateHandle certificate = parsed(der);
    if (certificate == nullptr) return fail(Code::certificate_invalid, "not a certificate");
    return fingerprint(certificate.get());
}

Result<TlsContext> make_server_context(const ServerIdentity& identity) {
    TRY(auto context, demand(TlsContext(SSL_CTX_new(TLS_server_method()))));
    const std::vector<Bytes>& shown = identity.certificates();
    if (SSL_CTX_use_certificate_ASN1(
            context.get(), static_cast<int>(shown.front().size()), shown.front().data()) != 1 ||
        SSL_CTX_use_PrivateKey(context.get(), identity.signing_key().handle()) != 1) {
        return fault();
    }
    for (const Bytes& further : std::span(shown).subspan(1)) {
        const CertificateHandle certificate = parsed(further);
        if (certificate == nullptr ||
            SSL_CTX_add1_chain_cert(context.get(), certificate.get()) != 1) {
            return fault();
        }
    }
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    return context;
}

Result<TlsContext> make_client_context() {
    TRY(auto context, demand(TlsContext(SSL_CTX_new(TLS_client_method()))));
    if (SSL_CTX_set_alpn_protos(context.get(), alpn.data(), alpn.size()) != 0) return fault();
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context.get(), verify_pinned, nullptr);
    return context;
}

Result<TlsSession> make_server_session(ssl_ctx_st* context) {
    TlsSession session(SSL_new(context));
    if (!session) return fault();
    SSL_set_accept_state(session.get());
    return session;
}

Result<TlsSession> make_client_session(ssl_ctx_st* context, PinnedKey& pinned) {
    TlsSession session(SSL_new(context));
    if (!session || SSL_set_app_data(session.get(), &pinned) != 1) return fault();
    SSL_set_connect_state(session.get());
    return session;
}

Result<void> check_agreement(ssl_st* session) {
    const unsigned char* chosen = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(session, &chosen, &size);
    if (std::string_view(reinterpret_cast<const char*>(chosen), size) != alpn_name) {
        return fail(Code::unsupported, "the peer does not speak cercle/1");
    }
    return {};
}

Result<crypto::Digest> export_binding(ssl_st* session) {
    crypto::Digest binding{};
    if (SSL_export_keying_material(session,
                                   binding.data(),
                                   binding.size(),
                                   binding_label.data(),
                                   binding_label.size(),
                                   nullptr,
                                   0,
                                   0) != 1) {
        return fault();
    }
    return binding;
}

}  // namespace cercle::net
