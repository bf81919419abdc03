/// The icon: a container above the water line.
enum PageIcon {
    static let svg = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="Longshore">
        <rect width="64" height="64" rx="14" fill="#0b3b54"/>
        <g fill="#f2a33a"><rect x="12" y="22" width="12" height="11" rx="1.5"/>
        <rect x="26" y="22" width="12" height="11" rx="1.5"/><rect x="26" y="9" width="12" height="11" rx="1.5"/></g>
        <rect x="40" y="22" width="12" height="11" rx="1.5" fill="#57b8b0"/>
        <path d="M7 37h50l-6 13H13z" fill="#eef6f8"/>
        <path d="M6 55c4 0 4-3 8.700-3s4.700 3 8.700 3 4-3 8.600-3 4.700 3 8.700 3 4-3 8.700-3 4.600 3 8.600 3" fill="none" \
        stroke="#57b8b0" stroke-width="3" stroke-linecap="round"/></svg>
        """
}
