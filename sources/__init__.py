"""Where articles come from: feeds, pages and watched folders, fetched politely and safely."""
