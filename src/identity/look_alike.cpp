// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/look_alike.h"

#include <memory>

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

namespace cercle::identity {
namespace {

struct Close {
    void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
};

}  // namespace

Result<std::string> look_of(std::string_view name) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<USpoofChecker, Close> checker(uspoof_open(&status));
    const icu::Normalizer2* folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
    if (U_FAILURE(status) != 0) {
        return fail(Code::library_fault, "ICU cannot fold the case of names");
    }
    const icu::UnicodeString folded = folding->normalize(
        icu::UnicodeString::fromUTF8({name.data(), static_cast<std::int32_t>(name.size())}),
        status);
    icu::UnicodeString skeleton;
    uspoof_getSkeletonUnicodeString(checker.get(), 0, folded, skeleton, &status);
    if (U_FAILURE(status) != 0) {
        return fail(Code::library_fault, "ICU cannot say what a name looks like");
    }
    std::string look;
    skeleton.foldCase().toUTF8String(look);
    return look;
}

}  // namespace cercle::identity
