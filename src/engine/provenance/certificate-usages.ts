/** What a signer of manifests may be certified for: e-mail protection, document signing, C2PA claim signing. */
export const fittingUsages = ['1.3.6.1.5.5.7.3.4', '1.3.6.1.5.5.7.3.36', '1.3.6.1.4.1.62558.2.1'] as const;
