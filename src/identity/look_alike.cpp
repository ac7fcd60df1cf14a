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

Result<icu::UnicodeString> skeleton_of(const USpoofChecker& checker,
                                       const icu::UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString skeleton;
    uspoof_getSkeletonUnicodeString(&checker, 0, text, skeleton, &status);
    if (U_FAILURE(status) != 0) {
        return fail(Code::library_fault, "ICU cannot say what a name looks like");
    }
    return skeleton;
}

std::string utf8_of(const icu::UnicodeString& text) {
    std::string bytes;
    text.toUTF8String(bytes);
    return bytes;
}

}  // namespace

Result<Look> look_of(std::string_view name) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<USpoofChecker, Close> checker(uspoof_open(&status));
    const icu::Normalizer2* folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
    if (U_FAILURE(status) != 0) {
        return fail(Code::library_fault, "ICU cannot fold the case of names");
    }
    const auto written =
        icu::UnicodeString::fromUTF8({name.data(), static_cast<std::int32_t>(name.size())});
    const icu::UnicodeString folded = folding->normalize(written, status);
    if (U_FAILURE(status) != 0) {
        return fail(Code::library_fault, "ICU cannot fold the case of names");
    }
    TRY(const auto as_written, skeleton_of(*checker, written));
    TRY(auto without_case, skeleton_of(*checker, folded));
    return Look{utf8_of(as_written), utf8_of(without_case.foldCase())};
}

bool are_alike(const Look& one, const Look& other) {
    return one.as_written == other.as_written || one.folded == other.folded;
}

}  // namespace cercle::identity
