// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/close.h"

#include "codec/tls.h"
#include "envelope/padding.h"

namespace cercle::envelope {

Result<Bytes> close(mls::Group& group, const Content& content, const Seen& seen, Random& random) {
    const Bytes plain = encode_content(content);
    if (plain.size() > size_class(longest_text + 1024)) {
        return fail(Code::too_large, "a message that is too long to send");
    }
    return group.protect(
        plain, codec::encode(seen), size_class(plain.size()) - plain.size(), random);
}

}  // namespace cercle::envelope
