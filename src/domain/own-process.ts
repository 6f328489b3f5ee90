/** Process of the cases that governance opens by itself. They are no part of the process that they are about, neither in lists nor in figures. */
export const governanceProcess = 'governance';
