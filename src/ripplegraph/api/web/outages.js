// Opening and closing outages from the page, where the caller may.

export const outageActions = () => null;
export const openForm = () => null;
