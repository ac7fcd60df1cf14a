# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The long forms: what takes too long for ./test. Each is a program tools/long/NAME [N] whose fourth
# line is a comment "# NAME: what it does; how long it takes". Sourced by test.

long_list() {
    local form found=
    for form in "$tree"/tools/long/*; do
        [[ -x $form ]] || continue
        sed -n '4s/^# */  /p' "$form"
        found=yes
    done
    [[ -n $found ]] || echo "  none yet"
}

# long_form [NAME [N]]
long_form() {
    local name=${1:-}
    if [[ -z $name ]]; then
        echo "long forms, as ./test --long NAME [N]:"
        long_list
        return 0
    fi
    if [[ $name == */* || ! -x $tree/tools/long/$name ]]; then
        say "there is no long form '$name'; there are:"
        long_list >&2
        exit 2
    fi
    shift
    environment_enter long "$tree/test" --long "$name" "$@"
    exec "$tree/tools/long/$name" "$@"
}
