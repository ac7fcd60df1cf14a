// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/pem.h"

#include <openssl/pem.h>

#include "crypto/openssl.h"

namespace cercle::crypto {
namespace {

using Source = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;

constexpr std::size_t largest_pem = std::size_t{256} << 10U;

std::unexpected<Error> invalid() {
    return fail(Code::certificate_invalid, "not the PEM of certificates");
}

/// A certificate in DER as OpenSSL itself writes it.
Result<Bytes> der_of(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    if (size <= 0) return invalid();
    Bytes bytes(der, der + size);
    OPENSSL_free(der);
    return bytes;
}

}  // namespace

std::string encode_pem_certificates(const std::vector<Bytes>& certificates) {
    constexpr std::size_t line = 64;
    std::string pem;
    for (const Bytes& certificate : certificates) {
        const std::string text = to_base64(certificate);
        pem += "-----BEGIN CERTIFICATE-----\n";
        for (std::size_t at = 0; at < text.size(); at += line)
            pem += text.substr(at, line) + "\n";
        pem += "-----END CERTIFICATE-----\n";
    }
    return pem;
}

Result<std::vector<Bytes>> decode_pem_certificates(BytesView pem) {
    if (pem.empty() || pem.size() > largest_pem) return invalid();
    const ErrorMark mark;
    const Source source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    CHECK(source != nullptr, "memory for a PEM");
    std::vector<Bytes> certificates;
    while (true) {
        // No password is ever asked for: the text is empty.
        static char no_password[] = "";
        const X509Handle certificate(
            PEM_read_bio_X509(source.get(), nullptr, nullptr, no_password));
        if (certificate == nullptr) break;
        if (certificates.size() == most_pem_certificates) return invalid();
        TRY(certificates.emplace_back(), der_of(certificate.get()));
    }
    // The end is where there is no further beginning; anything else is damage.
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) return invalid();
    if (certificates.empty()) return invalid();
    return certificates;
}

}  // namespace cercle::crypto
